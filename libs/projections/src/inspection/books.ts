import type { Instant } from '@guanxi/kernel';
import type { Pool, PoolClient } from 'pg';
import type { Generation } from '../generations';
import { POLICY_PREFIX } from '../generations';
import { readTypes } from '../row-codec';

/** A part of a generation by key, with the worker that keeps it. */
export interface ShardBook {
  readonly shard: number;
  /** Up to which position of the log its rows are complete; decimal string. */
  readonly position: string;
  /** Absent when no worker keeps it. */
  readonly holder?: string;
}

/** What the books say about one generation. */
export interface GenerationBook extends Generation {
  /** True for the one to which `switch --back` goes back. */
  readonly previous: boolean;
  readonly createdAt: Instant;
  readonly fingerprint: string | null;
  /** Up to which position all of its shards are complete, and the first of them. */
  readonly lowest: bigint;
  readonly highest: bigint;
  readonly shards: readonly ShardBook[];
  /** Keys that are set aside. */
  readonly parked: number;
}

interface BookRow extends Omit<GenerationBook, 'lowest' | 'highest' | 'shards'> {
  readonly lowest: string | null;
  readonly highest: string | null;
  readonly shards: readonly (Omit<ShardBook, 'holder'> & { readonly holder: string | null })[] | null;
}

/** Reads the books of all generations of read models, by model; inside a snapshot as they are there. */
export async function readBooks(
  client: Pick<Pool, 'query'> | PoolClient,
): Promise<readonly GenerationBook[]> {
  const { rows } = await client.query<BookRow>({
    text: `select g.generation, g.model, g.version, g.status, g.fingerprint, g.created_at as "createdAt",
                  exists (select from ops.serving s where s.generation = g.generation) as serves,
                  exists (select from ops.serving s where s.previous = g.generation) as previous,
                  c.lowest, c.highest, c.shards,
                  (select count(*) from ops.parked_keys p where p.generation = g.generation) as parked
             from ops.generations g
             left join lateral (
               select min(position)::text as lowest, max(position)::text as highest,
                      jsonb_agg(jsonb_build_object('shard', shard, 'position', position::text, 'holder', holder)
                                order by shard) as shards
                 from ops.checkpoints c where c.generation = g.generation
             ) c on true
            where not starts_with(g.model, '${POLICY_PREFIX}')
            order by g.model, g.version, g.created_at, g.generation`,
    types: readTypes,
  });
  return rows.map(({ lowest, highest, shards, ...row }) => ({
    ...row,
    lowest: BigInt(lowest ?? 0),
    highest: BigInt(highest ?? 0),
    shards: (shards ?? []).map(({ holder, ...shard }) => ({
      ...shard,
      ...(holder === null ? {} : { holder }),
    })),
  }));
}
