import { storable } from '@guanxi/projections';
import type { Pool, PoolClient } from 'pg';

/** A key whose events a policy could not take in, and the first of them. */
export interface ParkedKey {
  readonly key: string;
  readonly stream: string;
  readonly position: bigint;
}

/** The event that halted a key. */
export interface Halting {
  readonly id: string;
  readonly type?: string;
  /** Events of the key that wait behind it. */
  readonly waiting?: number;
}

const LONGEST_STACK = 8_000;

/** Reads the parked keys of a policy's generation. */
export const parkedOf = (client: PoolClient, generation: string): Promise<ReadonlyMap<string, ParkedKey>> =>
  parkedBy(client, 'select id as key, stream, position::text from ops.parked_keys where generation = $1', [
    generation,
  ]);

/** Reads those of them that somebody wants tried again. */
export const wantedOf = (pool: Pool, generation: string): Promise<ReadonlyMap<string, ParkedKey>> =>
  parkedBy(
    pool,
    `select p.id as key, p.stream, p.position::text from ops.policy_retries r
       join ops.parked_keys p on p.generation = r.generation and p.id = r.key where r.generation = $1`,
    [generation],
  );

async function parkedBy(
  client: Pick<PoolClient, 'query'>,
  text: string,
  values: readonly string[],
): Promise<ReadonlyMap<string, ParkedKey>> {
  const { rows } = await client.query<{ key: string; stream: string; position: string }>(text, [...values]);
  return new Map(rows.map((row) => [row.key, { ...row, position: BigInt(row.position) }]));
}

/** Notes that keys were tried, as somebody wanted: once a wish. */
export async function tried(client: PoolClient, generation: string, keys: readonly string[]): Promise<void> {
  await client.query('delete from ops.policy_retries where generation = $1 and key = any($2::uuid[])', [
    generation,
    keys,
  ]);
}

/** Sets a key aside; one that is set aside already is noted to have been tried once more. */
export async function park(
  client: PoolClient,
  generation: string,
  { key, stream, position }: ParkedKey,
  { id, type, waiting = 0 }: Halting,
  error: unknown,
): Promise<void> {
  await client.query(
    `insert into ops.parked_keys (generation, id, stream, position, error, stack, event_id, event_type, waiting)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (generation, id) do update
        set attempts = parked_keys.attempts + 1, tried_at = now(), error = excluded.error, stack = excluded.stack,
            waiting = excluded.waiting`,
    [
      ...[generation, key, stream, String(position)],
      ...[
        storable(error instanceof Error ? error.message : String(error)),
        error instanceof Error && error.stack !== undefined
          ? storable(error.stack.slice(0, LONGEST_STACK))
          : null,
      ],
      ...[id, type ?? null, waiting],
    ],
  );
}

/** Takes keys back. */
export async function release(
  client: PoolClient,
  generation: string,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  await client.query('delete from ops.parked_keys where generation = $1 and id = any($2::uuid[])', [
    generation,
    keys,
  ]);
}
