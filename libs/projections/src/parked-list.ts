import type { Pool } from 'pg';
import { POLICY_PREFIX } from './generations';

/** A key of a read model that is set aside. */
export interface DeadLetter {
  readonly model: string;
  readonly version: number;
  readonly generation: string;
  /** True when the generation is the one that answers. */
  readonly serves: boolean;
  readonly key: string;
  /** Where the event lies that halted the key. */
  readonly stream: string;
  readonly position: string;
  /** Absent where it was noted before these were kept. */
  readonly event?: { readonly id: string; readonly type: string };
  /** Events of the key that wait behind it. */
  readonly waiting: number;
  /** Since when the key is parked. */
  readonly since: string;
  /** How often the fold was tried, and when last. */
  readonly attempts: number;
  readonly triedAt: string;
  readonly error: string;
}

interface DeadLetterRow extends Omit<DeadLetter, 'event'> {
  readonly eventId: string | null;
  readonly eventType: string | null;
  readonly stack: string | null;
}

/** Which parked keys are meant; an absent part means all. */
export interface ParkedFilter {
  readonly model?: string;
  readonly key?: string;
}

/**
 * Parked keys of read models, those of the answering generations first, then by age; `stack` tells where in the code it
 * happened.
 */
export async function parkedKeys(
  pool: Pool,
  { model, key }: ParkedFilter,
): Promise<readonly { readonly letter: DeadLetter; readonly stack?: string }[]> {
  const { rows } = await pool.query<DeadLetterRow>(
    `select g.model, g.version, p.generation, s.generation is not null as serves, p.id as key, p.stream,
            p.position::text, p.event_id as "eventId", p.event_type as "eventType", p.waiting::integer,
            ${asInstant('p.parked_at')} as since, p.attempts,
            ${asInstant('coalesce(p.tried_at, p.parked_at)')} as "triedAt", p.error, p.stack
       from ops.parked_keys p
       join ops.generations g on g.generation = p.generation
       left join ops.serving s on s.generation = p.generation
      where not starts_with(g.model, '${POLICY_PREFIX}')
        and ($1::text is null or g.model = $1) and ($2::uuid is null or p.id = $2)
      order by serves desc, p.parked_at, g.model, p.id`,
    [model ?? null, key ?? null],
  );
  return rows.map(({ eventId, eventType, stack, ...row }) => ({
    letter: {
      ...row,
      ...(eventId === null || eventType === null ? {} : { event: { id: eventId, type: eventType } }),
    },
    ...(stack === null ? {} : { stack }),
  }));
}

const asInstant = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
