import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const RUN = join(__dirname, '../../infra/scripts/run.mjs');

/** How a chaos run ended, and what it said. */
export interface ChaosRun {
  readonly code: number | null;
  readonly lines: readonly string[];
}

/** Runs `npm run chaos:NAME` with arguments; its last line is shown among what the tests print. */
export async function chaosRun(name: string, ...args: readonly string[]): Promise<ChaosRun> {
  const child = spawn(process.execPath, [RUN, 'chaos', name, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = text.trim().split('\n');
  process.stdout.write(`chaos:${name}, ${lines.at(-1) ?? ''}\n`);
  return { code, lines };
}
