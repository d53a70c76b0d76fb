import type { Appended, AppendedStream, ExpectedRevision, StreamWrite } from '@guanxi/event-store';
import { instantOf } from '@guanxi/kernel';
import { arrayOf } from '@guanxi/pg-arrays';
import type { Pool, PoolClient } from 'pg';
import type { PendingAppend } from './pending-append';
import { REVISION_AT, STORED } from './queries.sql';

const LAST_REVISION = 2 ** 31 - 1;

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
    own.map(({ id }, at) => ({ stream, id, ...revisionsOf(expected, at) })),
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
      arrayOf(
        'integer',
        events.map(({ most }) => most),
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
    const revision = own.at(-1)?.revision ?? (await revisionHeld(database, write, last.position));
    streams.push({ stream: write.stream, revision });
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

/** Where an event of a write may stand: to look for it in all of a stream would cost a late writer more, the longer it is. */
function revisionsOf(
  expected: ExpectedRevision,
  at: number,
): { readonly least: number; readonly most: number } {
  const isAnywhere = expected === 'any' || expected === 'exists';
  const least = leastRevision(expected) + at;
  return { least, most: isAnywhere ? LAST_REVISION : least };
}

const leastRevision = (expected: ExpectedRevision): number =>
  typeof expected === 'number' ? expected + 1 : 0;

/** Where a stream ended that a condition without events spoke of: the append itself wrote nothing to it. */
async function revisionHeld(
  database: Pool | PoolClient,
  { stream, expected }: StreamWrite,
  position: string,
): Promise<number> {
  if (typeof expected === 'number') return expected;
  if (expected === 'new') return -1;
  const { rows } = await database.query<{ revision: number }>(REVISION_AT, [stream, position]);
  return rows[0]?.revision ?? -1;
}
