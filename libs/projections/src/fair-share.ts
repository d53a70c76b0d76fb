/** A worker as far as sharing is concerned. */
export interface Member {
  readonly id: string;
  /** Lower for those that have been there longer. */
  readonly number: number;
  /** Names and versions of what it can keep, such as `deals 1`. */
  readonly keeps: readonly string[];
}

/** A shard of a generation. */
export interface ShardName {
  readonly generation: string;
  readonly shard: number;
}

/** A shard with who holds it. */
export interface ShardState extends ShardName {
  /** Name and version of what it is a shard of. */
  readonly follows: string;
  readonly holder: string | null;
}

/** What a worker should do so that all have as much as is fair. */
export interface Shares {
  readonly take: readonly ShardName[];
  readonly give: readonly ShardName[];
}

/**
 * A worker's part. Each generation is shared among those that can keep it, and parts left over go to one worker after
 * the other, from generation to generation: parts add up to all shards, so that none is left with nobody while all
 * workers see the same. Only how many are kept is laid down, not which, so that few change hands when workers come and go.
 */
export function fairShare(me: string, members: readonly Member[], shards: readonly ShardState[]): Shares {
  const inOrder = [...members].sort((a, b) => a.number - b.number);
  const byGeneration = new Map<string, ShardState[]>();
  for (const shard of shards) {
    const own = byGeneration.get(shard.generation);
    if (own) own.push(shard);
    else byGeneration.set(shard.generation, [shard]);
  }
  const take: ShardName[] = [];
  const give: ShardName[] = [];
  let turn = 0;
  for (const [, own] of [...byGeneration].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const able = inOrder.filter(({ keeps }) => keeps.includes(own[0]?.follows ?? ''));
    const rank = able.findIndex(({ id }) => id === me);
    const over = able.length === 0 ? 0 : own.length % able.length;
    if (rank >= 0) {
      const isNext = (rank - (turn % able.length) + able.length) % able.length < over;
      const part = Math.floor(own.length / able.length) + (isNext ? 1 : 0);
      const mine = own.filter(({ holder }) => holder === me);
      take.push(...own.filter(({ holder }) => holder === null).slice(0, Math.max(0, part - mine.length)));
      give.push(...mine.slice(part));
    }
    turn += over;
  }
  return { take, give };
}
