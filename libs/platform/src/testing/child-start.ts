import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What `child-start.cjs` says of itself. */
export interface ChildAnswer {
  readonly started?: {
    readonly url: string;
    readonly pid: number;
    readonly port: number;
    readonly dataDir: string;
  };
  readonly failed?: { readonly code: string; readonly message: string };
  readonly lines: readonly string[];
}

export interface ChildStart {
  readonly child: ChildProcess;
  readonly answer: ChildAnswer;
}

/** Runs `child-start.cjs` as this or another user. */
export function spawnChildStart(options: object, user?: { uid: number; gid: number }): ChildProcess {
  return spawn(process.execPath, [join(__dirname, 'child-start.cjs'), JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
    cwd: '/',
    ...user,
  });
}

/** Runs it until the server is up, or failed to start. */
export async function childStart(options: object, user?: { uid: number; gid: number }): Promise<ChildStart> {
  const child = spawnChildStart(options, user);
  if (child.stdout === null) throw new Error('the child has no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, answer: JSON.parse(line) as ChildAnswer };
  }
  throw new Error('the child ended without an answer');
}

/** Ends the child in its own way: the end of its input has it stop the server. */
export async function endChild({ child }: ChildStart): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.stdin?.end();
  await exited;
}

export async function killChild({ child }: ChildStart): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
