import { chaosRun } from '../support/chaos-run';

it('publishes each event once and in order after relay and broker were killed, and a relay was halted', async () => {
  const { code, lines } = await chaosRun('kafka', '--rounds', '3', '--events', '2000');
  const told = lines.join('\n');
  expect(told).toMatch(
    /^3 rounds, 2 with kill -9, 1 with a zombie .*, [1-9]\d* public of [1-9]\d* keys: 0 missing, 0 doubled, 0 keys out of order, 0 unknown, /m,
  );
  for (const kind of ['the relay killed', 'the broker killed', 'the relay halted'])
    expect(told).toContain(`, ${kind}: going on after `);
  expect({ code, told }).toEqual({ code: 0, told });
}, 300_000);

it('refuses a number of rounds or events that is none', async () => {
  expect((await chaosRun('kafka', '--rounds', '0')).code).toBe(2);
  expect((await chaosRun('kafka', '--events', 'many')).code).toBe(2);
});
