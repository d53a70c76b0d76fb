import { chaosRun } from '../support/chaos-run';

it('tells readers and a receiver of each event once and in order after they and the product were killed', async () => {
  const { code, lines } = await chaosRun('feed', '--rounds', '3', '--events', '1000');
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
  expect((await chaosRun('feed', '--rounds', '0')).code).toBe(2);
  expect((await chaosRun('feed', '--events', 'many')).code).toBe(2);
});
