import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { Pool } from 'pg';
import { inTransaction } from './generations';
import { ModelProjector } from './model-projector';
import { ParkedKeys } from './parked-keys';
import type { AnyReadModel } from './read-model';
import { shardOf } from './shards';

/** What is needed to fold a key anew. */
export interface FoldingParts {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly registry: EventRegistry;
}

/** Folds a parked key anew; it stays parked, and the error is thrown, if it still cannot be folded. */
export async function retryParked(
  { pool, store, registry }: FoldingParts,
  model: AnyReadModel,
  generation: string,
  id: string,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    // The shard's checkpoint is held, so that no batch comes in between.
    const { rows } = await client.query<{ shard: number; shards: number; position: string }>(
      'select shard, shards, position::text from ops.checkpoints where generation = $1 for update',
      [generation],
    );
    const own = rows.find(({ shard, shards }) => shard === shardOf(id, shards));
    const parked = await client.query<{ stream: string }>(
      'select stream from ops.parked_keys where generation = $1 and id = $2',
      [generation, id],
    );
    const [key] = parked.rows;
    if (!own || !key) return;
    const projector = new ModelProjector(model, generation, store, registry, new ParkedKeys());
    await projector.retry(client, id, key.stream, BigInt(own.position));
  });
}
