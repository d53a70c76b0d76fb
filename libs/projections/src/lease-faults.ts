import type { ShardName } from './fair-share';

/** What the list of leases says of a shard. */
export interface BookRow extends ShardName {
  /** Name of the read model, or of what else has generations. */
  readonly model: string;
  readonly shards: number;
  readonly position: string;
  /** Where the last batch left it; null before the first one. */
  readonly moved_to: string | null;
}

/** A generation without a single checkpoint has no row of a shard. */
export type BookEntry = BookRow | (Pick<BookRow, 'generation' | 'model'> & { readonly shard: null });

/**
 * What is wrong with checkpoints in a way that no worker brings about: somebody changed the tables by hand. By shard,
 * as `generation shard`, or by generation, in words for people.
 */
export function faultsOf(entries: readonly BookEntry[]): ReadonlyMap<string, string> {
  const faults = new Map<string, string>();
  for (const generation of new Set(entries.map((entry) => entry.generation))) {
    const own = entries.filter((entry) => entry.generation === generation);
    const rows = own.filter((entry): entry is BookRow => entry.shard !== null);
    const shards = Math.max(0, ...rows.map((row) => row.shards));
    const isWhole = rows.length > 0 && rows.length === shards && rows.every((row) => row.shards === shards);
    const remedy = remedyOf(own[0]?.model ?? generation);
    if (!isWhole) {
      faults.set(
        generation,
        `ops.checkpoints holds ${rows.length} shards of ${generation}, not the ${shards} that it is divided into: it was ` +
          `changed by hand. Nothing is folded into ${generation} until its rows are back as they were, or ${remedy}`,
      );
      continue;
    }
    for (const { shard, position, moved_to: movedTo } of rows) {
      if (movedTo === null || movedTo === position) continue;
      faults.set(
        nameOf({ generation, shard }),
        `ops.checkpoints says that shard ${shard} of ${generation} has reached position ${position}, but its rows were ` +
          `left at ${movedTo}: it was changed by hand. Nothing is folded into this shard until its position is set to ` +
          `${movedTo} again, or ${remedy}`,
      );
    }
  }
  return faults;
}

/** How faults name a shard. */
export const nameOf = ({ generation, shard }: ShardName): string => `${generation} ${shard}`;

/** What helps where no figure can be trusted any more. */
export const remedyOf = (model: string): string =>
  `"guanxi projections rebuild ${model}" has made the tables anew`;
