import { chaosRun } from '../support/chaos-run';

const ROUNDS = 5;

it('has read models equal to a fresh fold after workers were killed and halted, and PostgreSQL killed', async () => {
  const { code, lines } = await chaosRun('projections', '--rounds', String(ROUNDS));
  const told = lines.join('\n');
  expect(told).toMatch(
    /^5 rounds, [1-9]\d* commands .*, [1-9]\d* events, [1-9]\d* rows, 0 tables differ from a fresh fold, 0 parked; /m,
  );
  for (const kind of ['a worker killed', 'a worker halted', 'the server killed', 'a worker stopped'])
    expect(told).toContain(`, ${kind}: all shards held after `);
  expect({ code, told }).toEqual({ code: 0, told });
}, 400_000);

it('refuses a number of rounds that is none', async () => {
  expect((await chaosRun('projections', '--rounds', '0')).code).toBe(2);
});
