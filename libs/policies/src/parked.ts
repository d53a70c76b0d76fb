import type { PoolClient } from 'pg';

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
}

/** Reads the parked keys of a policy's generation. */
export async function parkedOf(
  client: PoolClient,
  generation: string,
): Promise<ReadonlyMap<string, ParkedKey>> {
  const { rows } = await client.query<{ key: string; stream: string; position: string }>(
    'select id as key, stream, position::text from ops.parked_keys where generation = $1',
    [generation],
  );
  return new Map(rows.map((row) => [row.key, { ...row, position: BigInt(row.position) }]));
}

/** Sets a key aside; one that is set aside already counts what waits. */
export async function park(
  client: PoolClient,
  generation: string,
  { key, stream, position }: ParkedKey,
  { id, type }: Halting,
  error: unknown,
): Promise<void> {
  await client.query(
    `insert into ops.parked_keys (generation, id, stream, position, error, stack, event_id, event_type)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (generation, id) do update
        set attempts = parked_keys.attempts + 1, tried_at = now(), error = excluded.error, stack = excluded.stack`,
    [
      ...[generation, key, stream, String(position)],
      ...[
        error instanceof Error ? error.message : String(error),
        error instanceof Error ? error.stack : null,
      ],
      ...[id, type ?? null],
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
