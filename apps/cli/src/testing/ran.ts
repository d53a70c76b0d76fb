import { run } from '../program';

/** What a run of the client left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The last line of stdout as JSON. */
  readonly json: unknown;
}

/** Runs the client in this process, as its main file would. */
export async function ran(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await run(argv, {
    env,
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    interruption: () => new AbortController().signal,
  });
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  return { code, out, err, json: argv.includes('--json') ? JSON.parse(last) : undefined };
}
