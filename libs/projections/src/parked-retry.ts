import type { EventRegistry, EventStore } from '@guanxi/event-store';
import { conflict } from '@guanxi/kernel';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from './generations';
import { ModelProjector } from './model-projector';
import type { Halt } from './parked-keys';
import { ParkedKeys } from './parked-keys';
import { streamKeyOf } from './placing';
import type { AnyReadModel } from './read-model';
import { shardOf } from './shards';
import { skippedEvents } from './skipped-events';

/** What is needed to fold a key anew. */
export interface FoldingParts {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly registry: EventRegistry;
}

/**
 * Folds a parked key anew, and takes it back among the living if that goes.
 * @returns where it came to a halt, if it did: there it stays parked
 * @throws DomainError `projection.building` for a generation that a rebuild has not finished
 */
export async function retryParked(
  { pool, store, registry }: FoldingParts,
  model: AnyReadModel,
  generation: string,
  id: string,
): Promise<Halt | undefined> {
  const { rows } = await pool.query<{ stream: string }>(
    'select stream from ops.parked_keys where generation = $1 and id = $2',
    [generation, id],
  );
  const [parked] = rows;
  if (!parked) return undefined;
  const { stream } = parked;
  const skips = await skippedEvents(store, [model]);
  const projector = new ModelProjector(model, generation, {
    ...{ store, registry, skips },
    parked: new ParkedKeys(),
  });
  // One key a transaction: whoever holds two shards may wait for a worker that waits for him.
  const retry = (key: string): Promise<Halt | undefined> =>
    inTransaction(pool, async (client) =>
      projector.retry(client, key, stream, await holdShard(client, generation, key)),
    );
  if (id === streamKeyOf(stream)) {
    // Which keys its events belong to may be known by now: those are folded with them.
    const keys = await inTransaction(pool, (client) => projector.keysOf(client, stream));
    for (const key of keys) if (key !== id) await retry(key);
  }
  return retry(id);
}

/** Holds the checkpoint of a key's shard, so that no batch comes in between. @returns how far it is */
async function holdShard(client: PoolClient, generation: string, key: string): Promise<bigint> {
  const { rows } = await client.query<{ shards: number; status: string }>(
    `select c.shards, g.status from ops.checkpoints c join ops.generations g using (generation)
      where generation = $1 limit 1`,
    [generation],
  );
  if (rows[0]?.status === 'building') {
    throw conflict(
      'projection.building',
      `${generation} is still being built: try its keys again when it follows the log`,
      { generation },
    );
  }
  const held = await client.query<{ position: string }>(
    'select position::text from ops.checkpoints where generation = $1 and shard = $2 for update',
    [generation, shardOf(key, rows[0]?.shards ?? 1)],
  );
  return BigInt(held.rows[0]?.position ?? 0);
}
