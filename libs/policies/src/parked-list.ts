import type { Instant } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import { POLICY_PREFIX } from '@guanxi/projections';
import type { Pool } from 'pg';

/** A key that a policy has set aside. */
export interface PolicyLetter {
  readonly policy: string;
  readonly version: number;
  readonly generation: string;
  readonly key: string;
  /** Where the first event of the key lies that the policy has not taken in, or the one that set a failing timer. */
  readonly stream: string;
  readonly position: string;
  /** `type` is absent where a timer halted the key. */
  readonly event: { readonly id: string; readonly type?: string };
  /** Events of the key that wait behind it. */
  readonly waiting: number;
  /** Since when the key is parked. */
  readonly since: Instant;
  /** How often it was tried, and when last. */
  readonly attempts: number;
  readonly triedAt: Instant;
  readonly error: string;
  /** Whether somebody wants it tried, and no worker has done so yet. */
  readonly isWanted: boolean;
}

/** Which parked keys are meant; an absent part means all. */
export interface PolicyLetterFilter {
  readonly policy?: string;
  readonly key?: string;
}

/** How many keys a policy has set aside. */
export interface ParkedCount {
  readonly policy: string;
  readonly parked: number;
}

interface LetterRow extends Omit<PolicyLetter, 'event' | 'since' | 'triedAt'> {
  readonly eventId: string;
  readonly eventType: string | null;
  readonly since: Date;
  readonly triedAt: Date;
  readonly stack: string | null;
}

const POLICY = `substring(g.model from ${POLICY_PREFIX.length + 1})`;
const IS_POLICY = `starts_with(g.model, '${POLICY_PREFIX}')`;
const IS_MEANT = `${IS_POLICY} and ($1::text is null or ${POLICY} = $1) and ($2::uuid is null or p.id = $2)`;

/** Keys that policies have set aside, the oldest first; `stack` tells where in the code it happened. */
export async function parkedOfPolicies(
  pool: Pool,
  { policy, key }: PolicyLetterFilter = {},
): Promise<readonly { readonly letter: PolicyLetter; readonly stack?: string }[]> {
  const { rows } = await pool.query<LetterRow>(
    `select ${POLICY} as policy, g.version, p.generation, p.id as key, p.stream, p.position::text,
            p.event_id as "eventId", p.event_type as "eventType", p.waiting::integer, p.parked_at as since, p.attempts,
            coalesce(p.tried_at, p.parked_at) as "triedAt", p.error, p.stack, r.key is not null as "isWanted"
       from ops.parked_keys p
       join ops.generations g on g.generation = p.generation
       left join ops.policy_retries r on r.generation = p.generation and r.key = p.id
      where ${IS_MEANT} order by p.parked_at, g.model, p.id`,
    [policy ?? null, key ?? null],
  );
  return rows.map(({ eventId: id, eventType: type, since, triedAt, stack, ...row }) => ({
    letter: {
      ...row,
      ...{ event: { id, ...(type === null ? {} : { type }) } },
      ...{ since: instantOf(since), triedAt: instantOf(triedAt) },
    },
    ...(stack === null ? {} : { stack }),
  }));
}

/**
 * Has the workers that hold them try parked keys again, each at its next look.
 * @returns how many will be tried
 */
export async function wantPolicyRetry(pool: Pool, { policy, key }: PolicyLetterFilter = {}): Promise<number> {
  const { rowCount } = await pool.query(
    `insert into ops.policy_retries as r (generation, key)
     select p.generation, p.id from ops.parked_keys p join ops.generations g on g.generation = p.generation
      where ${IS_MEANT}
         on conflict (generation, key) do update set wanted_at = excluded.wanted_at`,
    [policy ?? null, key ?? null],
  );
  return rowCount ?? 0;
}

/** How many keys each policy has set aside, of all policies that have ever run. */
export async function parkedCounts(pool: Pool): Promise<readonly ParkedCount[]> {
  const { rows } = await pool.query<ParkedCount>(
    `select ${POLICY} as policy, (
              select count(*)::integer from ops.parked_keys p where p.generation = g.generation) as parked
       from ops.generations g where ${IS_POLICY} order by policy`,
  );
  return rows;
}

/** Whether what this file reads is in the database: an older one is without. */
export async function hasPolicyRetries(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ is: boolean }>(
    `select to_regclass('ops.policy_retries') is not null as is`,
  );
  return rows[0]?.is === true;
}
