import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const RUN = join(__dirname, '../../infra/scripts/run.mjs');

it('tells readers and a receiver of each event once and in order after they and the product were killed', async () => {
  const { code, lines } = await chaos('--rounds', '3', '--events', '1000');
  const told = lines.join('\n');
  const nothing = '0 missing, 0 doubled, 0 out of order, 0 unknown';
  expect(told).toMatch(
    /^3 rounds, 4 processes killed, [1-9]\d* commands .*, [1-9]\d* events, [1-9]\d* public of [1-9]\d* keys; /m,
  );
  for (const name of ['the stream reader', 'the line reader', 'the receiver'])
    expect(told).toContain(`; ${name}: ${nothing}`);
  for (const kind of ['the stream reader killed', 'the receiver killed', 'the product killed'])
    expect(told).toContain(`, ${kind}: all were told of all after `);
  expect({ code, told }).toEqual({ code: 0, told });
}, 300_000);

it('refuses a number of rounds or events that is none', async () => {
  expect((await chaos('--rounds', '0')).code).toBe(2);
  expect((await chaos('--events', 'many')).code).toBe(2);
});

async function chaos(...args: string[]): Promise<{ code: number | null; lines: string[] }> {
  const child = spawn(process.execPath, [RUN, 'chaos', 'feed', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = text.trim().split('\n');
  process.stdout.write(`chaos:feed, ${lines.at(-1) ?? ''}\n`);
  return { code, lines };
}
