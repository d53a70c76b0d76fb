import { Ailing, Backoff } from './ailing';
import { groupsOf } from './groups';
import { keepOn } from './keep-on';
import type { Lease } from './leases';

const lease = (shard: number, position: number): Lease => ({
  ...{ generation: 'g', shard, shards: 9, holder: 'me' },
  ...{ token: 1n, position: BigInt(position) },
});

const positionsOf = (positions: readonly number[], live: number): unknown => {
  const groups = groupsOf(
    positions.map((position, shard) => lease(shard, position)),
    ({ position }) => position >= live,
  );
  const numbers = (leases: readonly Lease[]): number[] => leases.map(({ position }) => Number(position));
  return { live: numbers(groups.live), lagging: groups.lagging.map(numbers) };
};

describe('groups of shards', () => {
  it('hold what is live together and never have more than two readers for what lags behind', () => {
    expect(positionsOf([900_100, 900_099, 10_000, 12_000, 0, 50_000], 900_000)).toEqual({
      live: [900_100, 900_099],
      lagging: [[0, 10_000, 12_000], [50_000]],
    });
    expect(positionsOf([5, 5, 5], 90)).toEqual({ live: [], lagging: [[5, 5, 5]] });
    expect(positionsOf([100], 90)).toEqual({ live: [100], lagging: [] });
    expect(positionsOf([0, 40_000, 41_000, 43_000], 90_000)).toEqual({
      live: [],
      lagging: [[0], [40_000, 41_000, 43_000]],
    });
  });

  it('that differ by a batch or two share a reader', () => {
    expect(positionsOf([4_000, 2_000, 0, 10_000], 90_000)).toEqual({
      live: [],
      lagging: [[0, 2_000, 4_000, 10_000]],
    });
  });
});

describe('what fails', () => {
  it('is tried ever more rarely, and again soon once it went', () => {
    const backoff = new Backoff(1_000);
    expect(Array.from({ length: 8 }, () => backoff.next())).toEqual([
      ...[1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000],
    ]);
    backoff.reset();
    expect(backoff.next()).toBe(1_000);
  });

  it('is remembered until it heals', () => {
    const ailing = new Ailing(1_000);
    expect(ailing.fail('g')).toBe(1_000);
    expect(ailing.fail('g')).toBe(2_000);
    expect(ailing.restOf('g')).toBeGreaterThan(1_000);
    ailing.heal('g');
    expect([ailing.has('g'), ailing.restOf('g')]).toEqual([false, 0]);
  });

  it('is told once as long as it is the same, and is not tried in a hot loop', async () => {
    const stop = new AbortController();
    const told: string[] = [];
    let tries = 0;
    await keepOn(
      () => {
        tries += 1;
        if (tries === 6) stop.abort();
        return Promise.reject(new Error(tries < 4 ? 'away' : 'refused'));
      },
      {
        name: 'work',
        signal: stop.signal,
        restMilliseconds: 1,
        warn: (message) => {
          told.push(message);
        },
      },
    );
    expect(told).toEqual([
      'work stopped: away; starting again until it goes',
      'work stopped: refused; starting again until it goes',
    ]);
    expect(tries).toBe(6);
  });
});
