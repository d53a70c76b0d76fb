import type { EventRegistry, EventStore } from '@guanxi/event-store';
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
 */
export async function retryParked(
  { pool, store, registry }: FoldingParts,
  model: AnyReadModel,
  generation: string,
  id: string,
): Promise<Halt | undefined> {
  return inTransaction(pool, async (client) => {
    const positionOf = await holdShards(client, generation);
    const { rows } = await client.query<{ stream: string }>(
      'select stream from ops.parked_keys where generation = $1 and id = $2',
      [generation, id],
    );
    const [key] = rows;
    if (!key) return undefined;
    const skips = await skippedEvents(store, [model]);
    const parts = { store, registry, parked: new ParkedKeys(), skips };
    const projector = new ModelProjector(model, generation, parts);
    if (id === streamKeyOf(key.stream)) {
      // Which keys its events belong to may be known by now: those are folded with them.
      const keys = await projector.keysOf(client, key.stream);
      for (const own of keys) {
        if (own !== id) await projector.retry(client, own, key.stream, positionOf(own));
      }
    }
    return projector.retry(client, id, key.stream, positionOf(id));
  });
}

/** Holds a generation's checkpoints, so that no batch comes in between. @returns how far the shard of a key is */
async function holdShards(client: PoolClient, generation: string): Promise<(key: string) => bigint> {
  const { rows } = await client.query<{ shard: number; shards: number; position: string }>(
    'select shard, shards, position::text from ops.checkpoints where generation = $1 order by shard for update',
    [generation],
  );
  return (key) => {
    const own = rows.find(({ shard, shards }) => shard === shardOf(key, shards));
    return BigInt(own?.position ?? 0);
  };
}
