import type { Instant } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import type { Pool, PoolClient } from 'pg';
import type { RelayPhase, RelayStatus } from './relay';
import { ANSWER_MILLISECONDS } from './relay-right';

/** How the relay stands, as it was last told. */
export interface KeptRelay {
  readonly phase: RelayPhase;
  readonly reason: string | null;
  /** Absent before anything was ever published. */
  readonly position: bigint | null;
  /** Which process relays. */
  readonly holder: string;
  /** Since when it does. */
  readonly since: Instant;
  /** Seconds since it was heard of. */
  readonly silentSeconds: number;
}

/** A stream that the relay has set aside. */
export interface ParkedStream {
  readonly stream: string;
  readonly position: string;
  readonly type: string;
  readonly contract: string;
  readonly reason: string;
  readonly since: Instant;
  /** When it was last tried again because somebody wanted it. */
  readonly triedAt: Instant | null;
  /** Whether somebody wants it tried, and it has not been yet. */
  readonly isWanted: boolean;
}

const NAME = 'relay';

/**
 * Shows how the relay stands, and learns which parked keys are to be tried again.
 * @param client the one whose session holds the right to relay
 * @returns streams to be tried again
 * @throws also when an answer takes so long that others would take the right away
 */
export async function exchange(
  client: PoolClient,
  { phase, reason, position, parked }: RelayStatus,
  { holder, since }: { readonly holder: string; readonly since: Date },
): Promise<readonly string[]> {
  const ask = <Row extends object>(text: string, values: readonly unknown[] = []) => {
    const query = { text, values: [...values], query_timeout: ANSWER_MILLISECONDS };
    return client.query<Row>(query);
  };
  await ask(
    `insert into ops.relay (name, phase, reason, position, holder, since, updated_at)
     values ($1, $2, $3, $4, $5, $6, clock_timestamp())
     on conflict (name) do update
        set phase = excluded.phase, reason = excluded.reason, position = coalesce(excluded.position, ops.relay.position),
            holder = excluded.holder, since = excluded.since, updated_at = excluded.updated_at`,
    [NAME, phase, reason ?? null, position === undefined ? null : String(position), holder, since],
  );
  // Before the state is told there is nothing to compare with.
  if (position === undefined) return [];
  const keys = [...parked];
  await ask(
    `with parked as (
       select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[])
           as p (stream, position, type, contract, reason)
     ), gone as (
       delete from ops.relay_parked k where not exists (select from parked p where p.stream = k.stream)
     )
     insert into ops.relay_parked as k (stream, position, type, contract, reason)
     select * from parked
         on conflict (stream) do update
        set position = excluded.position, type = excluded.type, contract = excluded.contract, reason = excluded.reason
      where (k.position, k.type, k.contract, k.reason)
            is distinct from (excluded.position, excluded.type, excluded.contract, excluded.reason)`,
    [
      keys.map(([stream]) => stream),
      keys.map(([, key]) => String(key.position)),
      keys.map(([, key]) => key.type),
      keys.map(([, key]) => key.contract),
      keys.map(([, key]) => key.reason),
    ],
  );
  if (keys.length === 0 || phase !== 'relaying') return [];
  const { rows } = await ask<{ stream: string }>(
    `update ops.relay_parked set retry_wanted_at = null, tried_at = clock_timestamp()
      where retry_wanted_at is not null returning stream`,
  );
  return rows.map(({ stream }) => stream);
}

/** How the relay stands; undefined where none has ever begun. */
export async function keptRelay(pool: Pool): Promise<KeptRelay | undefined> {
  const { rows } = await pool.query<
    Omit<KeptRelay, 'position' | 'since'> & { readonly position: string | null; readonly since: Date }
  >(
    `select phase, reason, position::text as position, holder, since,
            greatest(0, extract(epoch from clock_timestamp() - updated_at))::float8 as "silentSeconds"
       from ops.relay where name = $1`,
    [NAME],
  );
  const [row] = rows;
  return (
    row && {
      ...row,
      position: row.position === null ? null : BigInt(row.position),
      since: instantOf(row.since),
    }
  );
}

/** Streams that are set aside, those first that are longest. */
export async function parkedStreams(pool: Pool): Promise<readonly ParkedStream[]> {
  const { rows } = await pool.query<
    Omit<ParkedStream, 'since' | 'triedAt'> & { readonly since: Date; readonly triedAt: Date | null }
  >(
    `select stream, position::text as position, type, contract, reason, since, tried_at as "triedAt",
            retry_wanted_at is not null as "isWanted"
       from ops.relay_parked order by since, stream`,
  );
  return rows.map(({ since, triedAt, ...rest }) => ({
    ...rest,
    since: instantOf(since),
    triedAt: triedAt && instantOf(triedAt),
  }));
}

/**
 * Has the relay try parked streams again, as soon as it publishes.
 * @param stream one, or undefined for all
 * @returns those that will be tried
 */
export async function wantRetry(pool: Pool, stream?: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ stream: string }>(
    `update ops.relay_parked set retry_wanted_at = clock_timestamp()
      where $1::text is null or stream = $1 returning stream`,
    [stream ?? null],
  );
  return rows.map((row) => row.stream);
}

/** Whether the tables are there. */
export async function hasRelayBook(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ there: boolean }>(
    `select to_regclass('ops.relay_parked') is not null as there`,
  );
  return rows[0]?.there === true;
}
