import type { Instant } from '@guanxi/kernel';
import { instantOf, millisecondsBetween, plusMilliseconds } from '@guanxi/kernel';
import { shardOf } from '@guanxi/projections';
import type { PoolClient } from 'pg';
import type { Cause, PlannedTimer } from './plan';
import type { Backdating } from './policy';
import type { ActsFrom } from './starts';

/** A timer that is due. */
export interface DueTimer {
  readonly key: string;
  readonly name: string;
  readonly dueAt: Instant;
  readonly cause: Cause;
}

/** When a timer fires; undefined for one that is history: it was over before the policy began, or before it was known. */
export function firesAt(
  { dueAt, knownSince, cause }: Pick<PlannedTimer, 'dueAt' | 'knownSince' | 'cause'>,
  { position, startedAt }: ActsFrom,
  backdating?: Backdating,
): Instant | undefined {
  if (startedAt !== null && cause.position <= position && dueAt <= startedAt) return undefined;
  if (!backdating || dueAt >= knownSince) return dueAt;
  const isHistory = millisecondsBetween(dueAt, knownSince) > backdating.forgetMilliseconds;
  return isHistory ? undefined : plusMilliseconds(knownSince, backdating.settleMilliseconds);
}

/** What is kept of one timer. */
interface Kept {
  readonly dueAt: Instant;
  readonly firesAt: Instant;
  readonly isFired: boolean;
}

/** A timer as it is to be kept. */
interface Wanted extends DueTimer {
  readonly firesAt: Instant;
}

/** Timers of one generation of a policy, as they are kept in the database. */
export class TimerBook {
  constructor(
    private readonly generation: string,
    private readonly shards: number,
    private readonly backdating: Backdating | undefined,
  ) {}

  /** Keeps the timers that keys call for and no others; those that have fired stay as they are. */
  async keep(
    client: PoolClient,
    planned: ReadonlyMap<string, readonly PlannedTimer[]>,
    actsFrom: (shard: number) => ActsFrom,
  ): Promise<void> {
    const kept = await this.keptOf(client, [...planned.keys()]);
    const changed: Wanted[] = [];
    const cancelled: { readonly key: string; readonly name: string }[] = [];
    for (const [key, timers] of planned) {
      const from = actsFrom(shardOf(key, this.shards));
      const known = new Map(kept.get(key) ?? []);
      for (const timer of timers) {
        const at = firesAt(timer, from, this.backdating);
        const before = known.get(timer.name);
        if (at === undefined) continue;
        known.delete(timer.name);
        if (before?.isFired) continue;
        if (before?.dueAt === timer.dueAt && before.firesAt === at) continue;
        changed.push({ ...timer, key, firesAt: at });
      }
      for (const [name, { isFired }] of known) if (!isFired) cancelled.push({ key, name });
    }
    await this.cancel(client, cancelled);
    await this.set(client, changed);
  }

  /** Those of some shards that are due, the longest due first. */
  async due(
    client: PoolClient,
    shards: readonly number[],
    now: Instant,
    limit: number,
  ): Promise<readonly DueTimer[]> {
    const { rows } = await client.query<DueRow>(
      `select key, name, due_at as "dueAt", cause_id as id, cause_stream as stream, cause_position::text as position,
              correlation_id as "correlationId", tenant
         from ops.timers t
        where generation = $1 and shard = any($2) and fired_at is null and fires_at <= $3
          and not exists (select from ops.parked_keys p where p.generation = t.generation and p.id = t.key)
        order by fires_at, due_at, key, name limit $4`,
      [this.generation, shards, now, limit],
    );
    return rows.map(({ key, name, dueAt, position, ...cause }) => ({
      ...{ key, name, dueAt: instantOf(dueAt), cause: { ...cause, position: BigInt(position) } },
    }));
  }

  /** When the next timer of some shards fires; null when none is set. */
  async next(client: Pick<PoolClient, 'query'>, shards: readonly number[]): Promise<Instant | null> {
    const { rows } = await client.query<{ next: Date | null }>(
      `select min(fires_at) as next from ops.timers t
        where generation = $1 and shard = any($2) and fired_at is null
          and not exists (select from ops.parked_keys p where p.generation = t.generation and p.id = t.key)`,
      [this.generation, shards],
    );
    const next = rows[0]?.next ?? null;
    return next && instantOf(next);
  }

  /** Notes timers as fired, numbered in the order given. */
  async fired(client: PoolClient, timers: readonly DueTimer[], now: Instant): Promise<void> {
    const { rows } = await client.query<{ number: string }>(
      `select nextval('ops.timers_fired')::text as number from generate_series(1, $1)`,
      [timers.length],
    );
    await client.query(
      `update ops.timers t set fired_at = $2, fired_number = f.number, late_by = f.late
         from unnest($3::uuid[], $4::text[], $5::bigint[], $6::bigint[]) as f (key, name, number, late)
        where t.generation = $1 and t.key = f.key and t.name = f.name`,
      [
        this.generation,
        now,
        timers.map(({ key }) => key),
        timers.map(({ name }) => name),
        rows.map(({ number }) => number),
        timers.map(({ dueAt }) => Math.max(0, millisecondsBetween(dueAt, now))),
      ],
    );
  }

  private async keptOf(
    client: PoolClient,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, Kept>>> {
    const { rows } = await client.query<{
      key: string;
      name: string;
      dueAt: Date;
      firesAt: Date;
      isFired: boolean;
    }>(
      `select key, name, due_at as "dueAt", fires_at as "firesAt", fired_at is not null as "isFired"
         from ops.timers where generation = $1 and key = any($2::uuid[])`,
      [this.generation, keys],
    );
    const kept = new Map<string, Map<string, Kept>>();
    for (const { key, name, dueAt, firesAt: at, isFired } of rows) {
      const own = kept.get(key) ?? new Map<string, Kept>();
      kept.set(key, own.set(name, { dueAt: instantOf(dueAt), firesAt: instantOf(at), isFired }));
    }
    return kept;
  }

  private async cancel(
    client: PoolClient,
    timers: readonly { readonly key: string; readonly name: string }[],
  ): Promise<void> {
    if (timers.length === 0) return;
    await client.query(
      `delete from ops.timers t using unnest($2::uuid[], $3::text[]) as gone (key, name)
        where t.generation = $1 and t.key = gone.key and t.name = gone.name and t.fired_at is null`,
      [this.generation, timers.map(({ key }) => key), timers.map(({ name }) => name)],
    );
  }

  private async set(client: PoolClient, timers: readonly Wanted[]): Promise<void> {
    if (timers.length === 0) return;
    const columns = [
      timers.map(({ key }) => shardOf(key, this.shards)),
      timers.map(({ key }) => key),
      timers.map(({ name }) => name),
      timers.map(({ dueAt }) => dueAt),
      timers.map((timer) => timer.firesAt),
      timers.map(({ cause }) => cause.id),
      timers.map(({ cause }) => cause.stream),
      timers.map(({ cause }) => String(cause.position)),
      timers.map(({ cause }) => cause.correlationId),
      timers.map(({ cause }) => cause.tenant),
    ];
    await client.query(
      `insert into ops.timers (generation, shard, key, name, due_at, fires_at,
                               cause_id, cause_stream, cause_position, correlation_id, tenant)
       select $1, * from unnest($2::integer[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[],
                                $7::text[], $8::text[], $9::bigint[], $10::text[], $11::text[])
       on conflict (generation, key, name) do update
          set due_at = excluded.due_at, fires_at = excluded.fires_at, cause_id = excluded.cause_id,
              cause_stream = excluded.cause_stream, cause_position = excluded.cause_position,
              correlation_id = excluded.correlation_id, tenant = excluded.tenant
        where timers.fired_at is null`,
      [this.generation, ...columns],
    );
  }
}

interface DueRow {
  readonly key: string;
  readonly name: string;
  readonly dueAt: Date;
  readonly id: string;
  readonly stream: string;
  readonly position: string;
  readonly correlationId: string;
  readonly tenant: string;
}
