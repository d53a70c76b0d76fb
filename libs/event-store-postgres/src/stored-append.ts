import type { Appended, AppendedStream } from '@guanxi/event-store';
import { instantOf } from '@guanxi/kernel';
import { arrayOf } from '@guanxi/pg-arrays';
import type { Pool, PoolClient } from 'pg';
import type { PendingAppend } from './append-group';

interface StoredRow {
  readonly write: number;
  readonly revision: number;
  readonly position: string;
  readonly recordedAt: Date;
}

/**
 * The outcome of an append whose events are all stored already, known by their ids; undefined when they are not. An
 * append is there whole or not at all, so this also tells what became of one whose answer was lost.
 */
export async function storedOutcome(
  database: Pool | PoolClient,
  { writes, data }: PendingAppend,
): Promise<Appended | undefined> {
  const events = writes.flatMap(({ stream, expected, events: own }, write) =>
    own.map(({ id }) => ({ stream, id, write, least: leastRevision(expected) })),
  );
  const { rows } = await database.query<StoredRow>({
    name: 'es-stored',
    text: `select w.write, e.revision, e.position, e.recorded_at as "recordedAt"
             from unnest($1::text[], $2::uuid[], $3::integer[], $4::integer[]) as w (stream, id, write, least)
             join es.events e on e.stream = w.stream and e.revision >= w.least and e.id = w.id
            order by e.position`,
    values: [
      arrayOf(
        'text',
        events.map(({ stream }) => stream),
      ),
      arrayOf(
        'uuid',
        events.map(({ id }) => id),
      ),
      arrayOf(
        'integer',
        events.map(({ write }) => write),
      ),
      arrayOf(
        'integer',
        events.map(({ least }) => least),
      ),
    ],
  });
  const last = rows.at(-1);
  if (!last || rows.length !== data.length) return undefined;
  const streams = writes.map(({ stream, expected }, write): AppendedStream => {
    const own = rows.findLast((row) => row.write === write);
    return { stream, revision: own?.revision ?? (typeof expected === 'number' ? expected : -1) };
  });
  return { position: BigInt(last.position), recordedAt: instantOf(last.recordedAt), streams };
}

/** True for an append that says exactly where its events go: sent again, it can be told from another. */
export const isRepeatable = ({ writes }: PendingAppend): boolean =>
  writes.every(({ expected }) => expected === 'new' || typeof expected === 'number');

const leastRevision = (expected: unknown): number => (typeof expected === 'number' ? expected + 1 : 0);
