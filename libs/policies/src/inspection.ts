import type { Instant } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import type { Pool } from 'pg';

/** How a policy's timers and commands stand. */
export interface PolicyState {
  readonly policy: string;
  /** Timers that are set and have not fired. */
  readonly pending: number;
  /** Those of them whose instant has come. */
  readonly due: number;
  /** Seconds since the longest due should have fired; 0 when none is due. */
  readonly lateSeconds: number;
  /** Instant of the next one. */
  readonly next: Instant | null;
  /** Commands that wait to be sent. */
  readonly outbox: number;
  /** Commands that were refused for good. */
  readonly refused: number;
  /** Keys that are set aside, as an event of theirs or a timer could not be taken in. */
  readonly parked: number;
}

/** A timer as it is kept. */
export interface KeptTimer {
  readonly policy: string;
  readonly key: string;
  readonly name: string;
  readonly dueAt: Instant;
  /** Later than due for one that was due before it was known. */
  readonly firesAt: Instant;
  readonly status: 'set' | 'due' | 'fired';
  readonly firedAt: Instant | null;
  /** Seconds from due to fired, or for one that is due until now. */
  readonly lateSeconds: number | null;
}

/** A command that was refused. */
export interface RefusedCommand {
  readonly policy: string;
  readonly key: string;
  readonly command: string;
  /** The rule. */
  readonly code: string;
  readonly message: string;
  readonly refusedAt: Instant;
  readonly causationId: string;
}

/** Which timers are listed. */
export interface TimerFilter {
  readonly policy?: string;
  readonly status?: KeptTimer['status'];
  readonly limit: number;
}

const POLICY = `substring(g.model from '^policy:(.*)$')`;

/** True where the tables of policies have been made. */
export async function hasPolicies(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ is: boolean }>(`select to_regclass('ops.timers') is not null as is`);
  return rows[0]?.is === true;
}

/** How the policies stand that have ever run, by the database's clock. */
export async function policyStates(pool: Pool): Promise<readonly PolicyState[]> {
  const { rows } = await pool.query<Omit<PolicyState, 'next'> & { readonly next: Date | null }>(
    `select p.policy, t.*, (select count(*)::integer from ops.outbox o where o.generation = p.generation) as outbox,
            (select count(*)::integer from ops.refused_commands r where r.policy = p.policy) as refused,
            (select count(*)::integer from ops.parked_keys k where k.generation = p.generation) as parked
       from (select g.generation, ${POLICY} as policy from ops.generations g where starts_with(g.model, 'policy:')) p
      cross join lateral (
        select count(*)::integer as pending,
               count(*) filter (where fires_at <= now())::integer as due,
               coalesce(extract(epoch from now() - min(fires_at) filter (where fires_at <= now())), 0)::float8
                 as "lateSeconds",
               min(fires_at) as next
          from ops.timers t where t.generation = p.generation and fired_at is null) t
      order by p.policy`,
  );
  return rows.map(({ next, ...state }) => ({ ...state, next: next && instantOf(next) }));
}

/** How many timers of a policy have fired. */
export interface FiredCount {
  readonly policy: string;
  readonly fired: number;
  /** Those of them that fired more than 5 seconds after they were due. */
  readonly firedLate: number;
}

/** How many timers have fired, by policy: goes through all that ever have. */
export async function firedCounts(pool: Pool): Promise<readonly FiredCount[]> {
  const { rows } = await pool.query<FiredCount>(
    `select ${POLICY} as policy, count(*)::integer as fired, count(*) filter (where late_by > 5000)::integer as "firedLate"
       from ops.timers t join ops.generations g using (generation)
      where t.fired_at is not null group by 1 order by 1`,
  );
  return rows;
}

/** Timers, those that fire next first; those that have fired come last, the latest first. */
export async function listTimers(
  pool: Pool,
  { policy, status, limit }: TimerFilter,
): Promise<readonly KeptTimer[]> {
  const { rows } = await pool.query<TimerRow>(
    `select * from (
       select ${POLICY} as policy, t.key, t.name, t.due_at as "dueAt", t.fires_at as "firesAt", t.fired_at as "firedAt",
              case when t.fired_at is not null then 'fired' when t.fires_at <= now() then 'due' else 'set' end as status,
              case when t.fired_at is not null then t.late_by::float8 / 1000
                   when t.fires_at <= now() then extract(epoch from now() - t.due_at)::float8 end as "lateSeconds",
              t.fired_number as number
         from ops.timers t join ops.generations g using (generation)) as timers
      where ($1::text is null or policy = $1) and ($2::text is null or status = $2)
      order by "firedAt" is not null, number desc nulls first, "firesAt", "dueAt", key, name limit $3`,
    [policy ?? null, status ?? null, limit],
  );
  return rows.map(({ number: _, dueAt, firesAt, firedAt, ...rest }) => ({
    ...rest,
    dueAt: instantOf(dueAt),
    firesAt: instantOf(firesAt),
    firedAt: firedAt && instantOf(firedAt),
  }));
}

/** Commands of policies that were refused, the latest first. */
export async function listRefused(pool: Pool, limit: number): Promise<readonly RefusedCommand[]> {
  const { rows } = await pool.query<Omit<RefusedCommand, 'refusedAt'> & { readonly refusedAt: Date }>(
    `select policy, key, command, code, message, refused_at as "refusedAt", causation_id as "causationId"
       from ops.refused_commands order by refused_at desc, number desc limit $1`,
    [limit],
  );
  return rows.map(({ refusedAt, ...refused }) => ({ ...refused, refusedAt: instantOf(refusedAt) }));
}

interface TimerRow extends Omit<KeptTimer, 'dueAt' | 'firesAt' | 'firedAt'> {
  readonly dueAt: Date;
  readonly firesAt: Date;
  readonly firedAt: Date | null;
  readonly number: string | null;
}
