import fc from 'fast-check';
import type { Member, ShardState } from './fair-share';
import { fairShare } from './fair-share';

const member = (number: number, keeps: readonly string[]): Member => ({ id: `w${number}`, number, keeps });

const shardsOf = (generations: readonly string[], shards: number): ShardState[] =>
  generations.flatMap((follows) =>
    Array.from({ length: shards }, (_, shard) => ({
      generation: follows.replace(' ', '_v'),
      shard,
      follows,
      holder: null,
    })),
  );

/** Lets workers take and give in turns, until nobody has anything left to do. */
function settle(members: readonly Member[], before: readonly ShardState[]): readonly ShardState[] {
  let shards = before.map((shard) =>
    members.some(({ id }) => id === shard.holder) ? shard : { ...shard, holder: null },
  );
  for (let round = 0; round < 10; round += 1) {
    let moved = 0;
    for (const { id } of members) {
      const { take, give } = fairShare(id, members, shards);
      const has = (list: readonly { generation: string; shard: number }[], one: ShardState): boolean =>
        list.some(({ generation, shard }) => generation === one.generation && shard === one.shard);
      shards = shards.map((one) =>
        has(take, one) ? { ...one, holder: id } : has(give, one) ? { ...one, holder: null } : one,
      );
      moved += take.length + give.length;
    }
    if (moved === 0) return shards;
  }
  throw new Error('shards go round and round');
}

const heldBy = (shards: readonly ShardState[], id: string): number =>
  shards.filter(({ holder }) => holder === id).length;

describe('a fair share', () => {
  const generations = ['a 1', 'b 1', 'c 1', 'd 2', 'e 1'];

  it('leaves no shard to nobody that somebody can keep, whoever comes and goes with whatever code', () => {
    const keeps = fc.subarray(generations);
    const crews = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(
        crews,
        fc.array(keeps, { minLength: 10, maxLength: 10 }),
        fc.integer({ min: 1, max: 5 }),
        (shifts, codes, count) => {
          let shards: readonly ShardState[] = shardsOf(generations, count);
          for (const numbers of shifts) {
            const members = numbers.map((number) => member(number, codes[number] ?? []));
            shards = settle(members, shards);
            for (const { follows, holder } of shards) {
              const able = members.filter((one) => one.keeps.includes(follows)).map(({ id }) => id);
              if (able.length === 0) expect(holder).toBeNull();
              else expect(able).toContain(holder);
            }
          }
        },
      ),
    );
  });

  it('differs by one shard at most among workers that run the same code', () => {
    for (let workers = 1; workers <= 24; workers += 1) {
      const members = Array.from({ length: workers }, (_, n) => member(n + 1, generations));
      const shards = settle(members, shardsOf(generations, 4));
      const counts = members.map(({ id }) => heldBy(shards, id));
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
  });

  it('moves no more than what a newcomer gets', () => {
    const members = [1, 2, 3].map((number) => member(number, generations));
    const before = settle(members, shardsOf(generations, 4));
    const after = settle([...members, member(4, generations)], before);
    const moved = after.filter(({ holder }, index) => holder !== before[index]?.holder);
    expect(heldBy(after, 'w4')).toBe(5);
    expect(moved.length).toBeLessThanOrEqual(8);
  });
});
