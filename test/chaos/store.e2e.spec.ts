import { chaosRun } from '../support/chaos-run';

const ROUNDS = 5;

it('has every acknowledged event once and in order after each kill of its process and of PostgreSQL', async () => {
  const { code, lines } = await chaosRun('store', '--rounds', String(ROUNDS));
  const told = lines.join('\n');
  expect(told).toMatch(
    /^5 rounds, [1-9]\d* acknowledged events, 0 lost, 0 doubled, 0 inverted, 0 gaps, 0 misplaced, 0 torn, 0 uncalled, 0 lies /m,
  );
  expect(told).toContain('killed the appender, then server');
  expect(told).toContain('killed the server');
  expect({ code, told }).toEqual({ code: 0, told });
});

it('refuses a number of rounds that is none', async () => {
  expect((await chaosRun('store', '--rounds', '0')).code).toBe(2);
});
