import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const RUN = join(__dirname, '../../infra/scripts/run.mjs');

it('publishes each event once and in order after relay and broker were killed, and a relay was halted', async () => {
  const { code, lines } = await chaos('--rounds', '3', '--events', '2000');
  const told = lines.join('\n');
  expect(told).toMatch(
    /^3 rounds, 2 with kill -9, 1 with a zombie .*, [1-9]\d* public of [1-9]\d* keys: 0 missing, 0 doubled, 0 keys out of order, 0 unknown, /m,
  );
  for (const kind of ['the relay killed', 'the broker killed', 'the relay halted'])
    expect(told).toContain(`, ${kind}: going on after `);
  expect({ code, told }).toEqual({ code: 0, told });
}, 300_000);

it('refuses a number of rounds or events that is none', async () => {
  expect((await chaos('--rounds', '0')).code).toBe(2);
  expect((await chaos('--events', 'many')).code).toBe(2);
});

async function chaos(...args: string[]): Promise<{ code: number | null; lines: string[] }> {
  const child = spawn(process.execPath, [RUN, 'chaos', 'kafka', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = text.trim().split('\n');
  process.stdout.write(`chaos:kafka, ${lines.at(-1) ?? ''}\n`);
  return { code, lines };
}
