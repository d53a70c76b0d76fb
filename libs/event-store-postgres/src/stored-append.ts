import type { Appended, AppendedStream, ExpectedRevision, StreamWrite } from '@guanxi/event-store';
import { instantOf } from '@guanxi/kernel';
import { arrayOf } from '@guanxi/pg-arrays';
import type { Pool, PoolClient } from 'pg';
import type { PendingAppend } from './pending-append';
import { STORED } from './queries.sql';

interface StoredRow {
  readonly revision: number;
  readonly position: string;
  readonly recordedAt: Date;
}

/**
 * The outcome of an append whose events are all stored already, known by their ids and their order; undefined when they
 * are not. An append is there whole or not at all, so this also tells what became of one whose answer was lost.
 */
export async function storedOutcome(
  database: Pool | PoolClient,
  { writes, data }: PendingAppend,
): Promise<Appended | undefined> {
  const events = writes.flatMap(({ stream, expected, events: own }) =>
    own.map(({ id }) => ({ stream, id, least: leastRevision(expected) })),
  );
  const { rows } = await database.query<StoredRow>({
    name: 'es-stored',
    text: STORED,
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
        events.map(({ least }) => least),
      ),
    ],
  });
  const last = rows.at(-1);
  if (!last || rows.length !== data.length) return undefined;
  const streams: AppendedStream[] = [];
  let next = 0;
  for (const write of writes) {
    const own = rows.slice(next, next + write.events.length);
    next += own.length;
    if (!isInPlace(write, own)) return undefined;
    streams.push({ stream: write.stream, revision: own.at(-1)?.revision ?? revisionHeld(write) });
  }
  return { position: BigInt(last.position), recordedAt: instantOf(last.recordedAt), streams, repeated: true };
}

/** Events one behind the other, from where the write says that they go. */
function isInPlace({ expected }: StreamWrite, rows: readonly StoredRow[]): boolean {
  const [first] = rows;
  if (!first) return true;
  const isAnywhere = expected === 'any' || expected === 'exists';
  const from = isAnywhere ? first.revision : leastRevision(expected);
  return rows.every(({ revision }, index) => revision === from + index);
}

const leastRevision = (expected: ExpectedRevision): number =>
  typeof expected === 'number' ? expected + 1 : 0;

/** What a condition without events held its stream to. */
const revisionHeld = ({ expected }: StreamWrite): number => (typeof expected === 'number' ? expected : -1);
