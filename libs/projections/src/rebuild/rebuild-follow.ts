import { setTimeout as pause } from 'node:timers/promises';
import type { EventStore } from '@guanxi/event-store';
import type { Pool } from 'pg';
import { inTransaction, lockGenerations } from '../generations';

const LOOK_MILLISECONDS = 200;

/** Hands rebuilt tables over to the workers, who follow the log from where the rebuild ended. */
export async function handOver(pool: Pool, generation: string, upTo: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await lockGenerations(client);
    await client.query(
      'update ops.checkpoints set position = $2, updated_at = now() where generation = $1 and position < $2',
      [generation, upTo],
    );
    await client.query(`update ops.generations set status = 'following' where generation = $1`, [generation]);
    await client.query(
      `update ops.rebuilds set phase = 'following', updated_at = now() where generation = $1`,
      [generation],
    );
  });
}

/** How far the workers have come with a generation. */
export interface Following {
  readonly position: bigint;
  readonly head: bigint;
  /** True when a worker holds each of its shards. */
  readonly isHeld: boolean;
}

/**
 * Waits until workers have folded all that the log held when this was called.
 * @param look told how far they are, each time it is looked
 */
export async function caughtUp(
  pool: Pool,
  store: Pick<EventStore, 'head'>,
  generation: string,
  signal: AbortSignal,
  look: (following: Following) => void,
): Promise<void> {
  const { position: goal } = await store.head();
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await pool.query<{ position: string | null; held: boolean }>(
      `select min(position)::text as position, coalesce(bool_and(holder is not null), false) as held
         from ops.checkpoints where generation = $1`,
      [generation],
    );
    const [found] = rows;
    if (!found || found.position === null) throw new Error(`${generation} was dropped meanwhile`);
    const position = BigInt(found.position);
    look({ position, head: goal, isHeld: found.held });
    if (position >= goal) return;
    await pause(LOOK_MILLISECONDS, undefined, { signal }).catch(() => undefined);
  }
}
