import type { Appended } from '@guanxi/event-store';
import { instantOf } from '@guanxi/kernel';
import type { PoolClient } from 'pg';
import { DatabaseError } from 'pg';
import type { PendingAppend } from './pending-append';

/**
 * One event behind a revision that is known: `$1` the stream, `$2` its last revision, -1 for none, `$3` to `$7` the
 * event. Answers no row where the stream is not so.
 *
 * What is read here about the stream is as old as the statement, which may have waited for the append lock. That a
 * revision was there stays true; that none follows is the unique index's to say. So what goes in is right, and what
 * does not go in is not yet refused.
 */
export const APPEND_ONE = `
  with head as (
    update es.head set position = position + 1,
           recorded_at = greatest(recorded_at, date_trunc('milliseconds', clock_timestamp()))
     where case when $2::integer = -1
                then not exists (select from es.events e where e.stream = $1 and e.revision = 0)
                else exists (select from es.events e where e.stream = $1 and e.revision = $2) end
    returning position, recorded_at)
  insert into es.events (position, stream, revision, id, type, occurred_at, recorded_at, data, metadata)
  select head.position, $1, $2 + 1, $3, $4, $5, head.recorded_at, $6, $7 from head
  returning position, recorded_at as moment`;

const UNIQUE_VIOLATION = '23505';

/**
 * Appends one event in one statement, at half the cost of a group: most commands that come alone are that.
 * @returns undefined where `es.append` is to say what becomes of it: nothing was written then
 */
export async function appendOne(
  client: PoolClient,
  { writes, metadataText, data }: PendingAppend,
): Promise<Appended | undefined> {
  const [write] = writes;
  const [event] = write?.events ?? [];
  if (!write || !event || writes.length > 1 || data.length > 1) return undefined;
  const { stream, expected } = write;
  if (expected === 'any' || expected === 'exists') return undefined;
  const revision = expected === 'new' ? -1 : expected;
  try {
    const { rows } = await client.query<{ readonly position: string; readonly moment: Date }>({
      name: 'es-append-one',
      text: APPEND_ONE,
      values: [stream, revision, event.id, event.type, event.occurredAt, data[0], metadataText],
    });
    const [row] = rows;
    if (!row) return undefined;
    return {
      position: BigInt(row.position),
      recordedAt: instantOf(row.moment),
      streams: [{ stream, revision: revision + 1 }],
      repeated: false,
    };
  } catch (error) {
    if (error instanceof DatabaseError && error.code === UNIQUE_VIOLATION) return undefined;
    throw error;
  }
}
