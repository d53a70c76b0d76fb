import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const RUN = join(__dirname, '../../infra/scripts/run.mjs');
const ROUNDS = 5;

it('has every acknowledged event once and in order after each kill of its process and of PostgreSQL', async () => {
  const { code, lines } = await chaos('--rounds', String(ROUNDS));
  const told = lines.join('\n');
  expect(told).toMatch(
    /^5 rounds, [1-9]\d* acknowledged events, 0 lost, 0 doubled, 0 inverted, 0 gaps, 0 misplaced, 0 torn, 0 uncalled, 0 lies /m,
  );
  expect(told).toContain('killed the appender, then server');
  expect(told).toContain('killed the server');
  expect({ code, told }).toEqual({ code: 0, told });
});

it('refuses a number of rounds that is none', async () => {
  expect((await chaos('--rounds', '0')).code).toBe(2);
});

async function chaos(...args: string[]): Promise<{ code: number | null; lines: string[] }> {
  const child = spawn(process.execPath, [RUN, 'chaos', 'store', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = text.trim().split('\n');
  process.stdout.write(`chaos:store, ${lines.at(-1) ?? ''}\n`);
  return { code, lines };
}
