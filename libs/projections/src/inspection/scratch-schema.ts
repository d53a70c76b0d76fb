import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';

/** Marks the schema of a replay that has not ended; a number that means nothing elsewhere goes with its lock. */
const UNFINISHED = 'replay that has not ended';
const LOCKS = 1_918_987_361;

/**
 * Does work in a schema of its own, which is gone afterwards unless it is to be kept. Schemas that killed processes
 * have left are taken away first: they say that they are unfinished, and nobody holds their lock.
 */
export async function inScratchSchema<T>(
  pool: Pool,
  keep: boolean,
  work: (schema: string) => Promise<T>,
): Promise<T> {
  const schema = `replay_${randomUUID().slice(0, 8)}`;
  const holder = await pool.connect();
  let isSound = false;
  try {
    await removeAbandoned(holder);
    await holder.query('select pg_advisory_lock($1, hashtext($2))', [LOCKS, schema]);
    await holder.query(
      `begin; create schema ${schema}; comment on schema ${schema} is '${UNFINISHED}'; commit`,
    );
    try {
      const result = await work(schema);
      if (keep) await holder.query(`comment on schema ${schema} is 'replay that was kept'`);
      else await holder.query(`drop schema ${schema} cascade`);
      isSound = true;
      return result;
    } catch (error) {
      isSound = await holder.query(`drop schema if exists ${schema} cascade`).then(
        () => true,
        () => false,
      );
      throw error;
    }
  } finally {
    // With the connection goes the lock.
    if (isSound) await holder.query('select pg_advisory_unlock($1, hashtext($2))', [LOCKS, schema]);
    holder.release(!isSound);
  }
}

async function removeAbandoned(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ schema: string }>(
    `select nspname as schema from pg_namespace
      where nspname like 'replay\\_%' and obj_description(oid, 'pg_namespace') = $1`,
    [UNFINISHED],
  );
  for (const { schema } of rows) {
    const { rows: got } = await client.query<{ free: boolean }>(
      'select pg_try_advisory_lock($1, hashtext($2)) as free',
      [LOCKS, schema],
    );
    if (got[0]?.free !== true) continue;
    await client.query(`drop schema if exists ${client.escapeIdentifier(schema)} cascade`);
    await client.query('select pg_advisory_unlock($1, hashtext($2))', [LOCKS, schema]);
  }
}
