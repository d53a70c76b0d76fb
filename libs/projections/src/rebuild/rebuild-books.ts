import type { Pool, PoolClient } from 'pg';

export type RebuildState = 'running' | 'paused' | 'failed' | 'cancelled' | 'done';

/** What a rebuild is at: reading the log, folding keys, making indexes, letting workers catch up. */
export type RebuildPhase = 'reading' | 'folding' | 'indexing' | 'following';

/** A rebuild as its book tells. */
export interface RebuildEntry {
  readonly generation: string;
  readonly model: string;
  readonly version: number;
  /** What the code looked like that began it. */
  readonly fingerprint: string;
  /** Position up to which it folds; from there on workers follow. */
  readonly upTo: string;
  readonly parts: number;
  readonly state: RebuildState;
  readonly phase: RebuildPhase;
  /** Of `total` events of the phase so many are done. */
  readonly done: number;
  readonly total: number;
  /** Events a second in this phase. */
  readonly rate: number;
  readonly error: string | null;
  readonly startedAt: Date;
  readonly updatedAt: Date;
}

const ENTRY = `select generation, model, version, fingerprint, up_to::text as "upTo", parts, state, phase,
  done::float8 as done, total::float8 as total, rate, error, started_at as "startedAt", updated_at as "updatedAt"
  from ops.rebuilds`;

type Asks = Pick<Pool, 'query'> | PoolClient;

/** Rebuilds, the newest first. */
export async function rebuildEntries(client: Asks, model?: string): Promise<readonly RebuildEntry[]> {
  const { rows } = await client.query<RebuildEntry>(
    `${ENTRY} where model = coalesce($1, model) order by started_at desc, generation desc`,
    [model ?? null],
  );
  return rows;
}

/** Notes that a rebuild begins. */
export async function beginEntry(
  client: Asks,
  entry: Pick<RebuildEntry, 'generation' | 'model' | 'version' | 'fingerprint' | 'upTo' | 'parts'>,
): Promise<void> {
  const { generation, model, version, fingerprint, upTo, parts } = entry;
  await client.query(
    `insert into ops.rebuilds (generation, model, version, fingerprint, up_to, parts) values ($1, $2, $3, $4, $5, $6)`,
    [generation, model, version, fingerprint, upTo, parts],
  );
}

/** Notes where a rebuild stands. @returns what was asked of it meanwhile */
export async function noteProgress(
  client: Asks,
  generation: string,
  { phase, done, total, rate }: Pick<RebuildEntry, 'phase' | 'done' | 'total' | 'rate'>,
): Promise<'pause' | 'cancel' | null> {
  const { rows } = await client.query<{ asked: 'pause' | 'cancel' | null }>(
    `update ops.rebuilds set phase = $2, done = $3, total = $4, rate = $5, updated_at = now()
      where generation = $1 returning asked`,
    [generation, phase, Math.round(done), Math.round(total), rate],
  );
  return rows[0]?.asked ?? null;
}

/** Notes that a rebuild goes on, rests or has ended. */
export async function noteState(
  client: Asks,
  generation: string,
  state: RebuildState,
  error: string | null = null,
): Promise<void> {
  await client.query(
    `update ops.rebuilds set state = $2, error = $3, asked = null, updated_at = now() where generation = $1`,
    [generation, state, error],
  );
}

/** Asks a rebuild that runs elsewhere to rest or to end. */
export async function askOf(client: Asks, generation: string, what: 'pause' | 'cancel'): Promise<void> {
  await client.query('update ops.rebuilds set asked = $2 where generation = $1', [generation, what]);
}

/** Notes, in the transaction of its rows, that a part is done. */
export async function partDone(
  client: Asks,
  generation: string,
  part: number,
  events: number,
): Promise<void> {
  await client.query('insert into ops.rebuild_parts (generation, part, events) values ($1, $2, $3)', [
    generation,
    part,
    events,
  ]);
}

/** The parts that are done, each with its events. */
export async function partsDone(client: Asks, generation: string): Promise<ReadonlyMap<number, number>> {
  const { rows } = await client.query<{ part: number; events: number }>(
    'select part, events::float8 as events from ops.rebuild_parts where generation = $1',
    [generation],
  );
  return new Map(rows.map(({ part, events }) => [part, events]));
}

/** How many keys of a generation are parked. */
export async function parkedIn(client: Asks, generation: string): Promise<number> {
  const { rows } = await client.query<{ parked: number }>(
    'select count(*)::integer as parked from ops.parked_keys where generation = $1',
    [generation],
  );
  return rows[0]?.parked ?? 0;
}
