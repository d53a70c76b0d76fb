import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

type Method = (...args: never[]) => Promise<unknown>;

/** What another process does on call: asynchronous methods whose arguments and answers can be copied. */
export type Callable<Methods> = { readonly [Name in keyof Methods]: Method };

interface Call {
  readonly call: number;
  readonly method: string;
  readonly args: never[];
}

type Answer = { readonly call: number } & ({ readonly value: unknown } | { readonly error: string });

/** A process of its own whose methods can be called from here. */
export class OtherProcess<Methods extends Callable<Methods>> {
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private calls = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (answer: Answer) => {
      const caller = this.waiting.get(answer.call);
      this.waiting.delete(answer.call);
      if ('error' in answer) caller?.reject(new Error(answer.error));
      else caller?.resolve(answer.value);
    });
    child.on('exit', (code, signal) => {
      for (const { reject } of this.waiting.values()) {
        reject(new Error(`the process ended with ${signal ?? code ?? 'nothing'}`));
      }
      this.waiting.clear();
    });
  }

  /** Starts a process that serves the methods of a TypeScript file, see `serve`. */
  static start<Methods extends Callable<Methods>>(file: string): OtherProcess<Methods> {
    const child = fork(join(__dirname, 'run-typescript.cjs'), [file], {
      serialization: 'advanced',
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    return new OtherProcess<Methods>(child);
  }

  /** @throws Error what the method threw, or that the process ended */
  call<Name extends keyof Methods & string>(
    method: Name,
    ...args: Parameters<Methods[Name]>
  ): ReturnType<Methods[Name]> {
    const call = (this.calls += 1);
    const answer = new Promise((resolve, reject) => {
      this.waiting.set(call, { resolve, reject });
      this.child.send({ call, method, args });
    });
    return answer as ReturnType<Methods[Name]>;
  }

  /** Ends the process and waits until it is gone. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }
}

/** Answers the calls of the process that started this one, and ends with it. */
export function serve<Methods extends Callable<Methods>>(methods: Methods): void {
  process.on('message', ({ call, method, args }: Call) => {
    const answer = methods[method as keyof Methods](...args);
    answer.then(
      (value) => process.send?.({ call, value }),
      (error: unknown) => process.send?.({ call, error: String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
}
