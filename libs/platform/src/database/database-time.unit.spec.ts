import type { Pool } from 'pg';
import { DatabaseTime } from './database-time';

/** A database whose clock is set by hand, and which takes its time to answer. */
class Far {
  steady = 1_000;
  clock = Date.parse('2026-03-01T08:00:00.000Z');
  /** Milliseconds on the way to it, and back. */
  ways: readonly [number, number] = [0, 0];

  readonly pool = {
    query: () => {
      this.pass(this.ways[0]);
      const answer = { rows: [{ now: this.clock }] };
      this.pass(this.ways[1]);
      return Promise.resolve(answer);
    },
  } as unknown as Pick<Pool, 'query'>;

  pass(milliseconds: number): void {
    this.steady += milliseconds;
    this.clock += milliseconds;
  }
}

const far = new Far();
let time: DatabaseTime;

const off = (): number => time.milliseconds() - far.clock;

beforeAll(async () => {
  time = await DatabaseTime.open(far.pool, () => far.steady);
});

afterAll(() => time.close());

it('goes on by the steady clock, whatever the clock of the machine says', () => {
  far.pass(60_000);
  expect(time.now()).toBe('2026-03-01T08:01:00.000Z');
});

it('is not misled by an answer that took long', async () => {
  far.ways = [3_000, 40];
  await time.look();
  expect(off()).toBe(0);
  far.ways = [40, 3_000];
  await time.look();
  expect(off()).toBe(0);
});

it.each([
  ['forward', 7_200_000],
  ['back', -7_200_000],
])('follows a clock of the database that is set %s, as near as the answer allows', async (_, by) => {
  far.ways = [2, 3];
  far.clock += by;
  await time.look();
  expect(Math.abs(off())).toBeLessThanOrEqual(3);
});

it('goes on while the database is away', async () => {
  const query = jest.spyOn(far.pool, 'query').mockRejectedValue(new Error('away') as never);
  const before = time.milliseconds();
  await expect(time.look()).rejects.toThrow('away');
  query.mockRestore();
  far.pass(10);
  expect(time.milliseconds()).toBe(before + 10);
});
