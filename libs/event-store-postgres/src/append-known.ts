import type { Appended } from '@guanxi/event-store';
import { instantOf } from '@guanxi/kernel';
import type { ArrayPacker } from '@guanxi/pg-arrays';
import type { PoolClient } from 'pg';
import { DatabaseError } from 'pg';
import type { PendingAppend } from './pending-append';

interface KnownResult {
  /** Position before the group; null where a stream has not come to the revision that is expected. */
  readonly base: string | null;
  readonly moment: Date | null;
}

/** The columns of a group's events, in the order of their positions. */
export interface KnownColumns {
  readonly streams: string[];
  /** The revision that each follows in its stream, -1 for none. */
  readonly before: number[];
  /** Whether that revision is to be looked for: it is not written along with the event. */
  readonly looks: boolean[];
  readonly ids: string[];
  readonly types: string[];
  readonly moments: string[];
  readonly data: string[];
  readonly metadata: string[];
  /** Streams that get nothing and must be empty. */
  readonly empty: string[];
}

const APPEND_KNOWN = 'select base, moment from es.append_known($1, $2, $3, $4, $5, $6, $7, $8, $9)';
const APPEND_KNOWN_ONE = 'select base, moment from es.append_known_one($1, $2, $3, $4, $5, $6, $7)';

/** Characters of metadata, which here stand with every event and in `es.append` once a write. */
const MOST_METADATA = 16_000_000;

const UNIQUE_VIOLATION = '23505';

/**
 * Appends a group all of whose writes name the revision they expect, at little more than half the cost of a group that
 * must be looked into.
 * @param columns those of the group
 * @param packer has them until this is done
 * @returns undefined where `es.append` is to say what becomes of each: nothing was written then
 */
export async function appendKnown(
  client: PoolClient,
  group: readonly PendingAppend[],
  columns: KnownColumns,
  packer: ArrayPacker,
): Promise<readonly Appended[] | undefined> {
  const isOne = columns.ids.length === 1 && columns.empty.length === 0;
  try {
    const { rows } = await client.query<KnownResult>(isOne ? queryOfOne(columns) : queryOf(columns, packer));
    const [row] = rows;
    if (!row?.base || !row.moment) return undefined;
    return outcomes(group, BigInt(row.base), row.moment);
  } catch (error) {
    if (error instanceof DatabaseError && error.code === UNIQUE_VIOLATION) return undefined;
    throw error;
  }
}

/** The columns of a group; undefined where it does not name all revisions, and must be looked into. */
export function knownColumns(group: readonly PendingAppend[]): KnownColumns | undefined {
  const columns: KnownColumns = {
    ...{ streams: [], before: [], looks: [], ids: [], types: [], moments: [], data: [], metadata: [] },
    empty: [],
  };
  let copied = 0;
  for (const { writes, data, metadataText } of group) {
    copied += metadataText.length * data.length;
    if (copied > MOST_METADATA) return undefined;
    columns.data.push(...data);
    for (const { stream, expected, events } of writes) {
      if (events.length === 0 && expected === 'new') {
        columns.empty.push(stream);
        continue;
      }
      if (expected === 'any' || expected === 'exists' || events.length === 0) return undefined;
      const last = expected === 'new' ? -1 : expected;
      for (const [at, { id, type, occurredAt }] of events.entries()) {
        columns.streams.push(stream);
        columns.before.push(last + at);
        columns.looks.push(at === 0 && last >= 0);
        columns.ids.push(id);
        columns.types.push(type);
        columns.moments.push(occurredAt);
        columns.metadata.push(metadataText);
      }
    }
  }
  return columns;
}

const queryOfOne = ({ streams, before, ids, types, moments, data, metadata }: KnownColumns) => ({
  name: 'es-append-known-one',
  text: APPEND_KNOWN_ONE,
  values: [streams[0], before[0], ids[0], types[0], moments[0], data[0], metadata[0]],
});

const queryOf = (columns: KnownColumns, packer: ArrayPacker) => ({
  name: 'es-append-known',
  text: APPEND_KNOWN,
  values: [
    packer.arrayOf('text', columns.data),
    packer.arrayOf('text', columns.metadata),
    packer.arrayOf('text', columns.streams),
    packer.arrayOf('uuid', columns.ids),
    packer.arrayOf('text', columns.types),
    packer.arrayOf('timestamptz', columns.moments),
    packer.arrayOf('integer', columns.before),
    packer.arrayOf('boolean', columns.looks),
    packer.arrayOf('text', columns.empty),
  ],
});

function outcomes(group: readonly PendingAppend[], base: bigint, moment: Date): readonly Appended[] {
  const recordedAt = instantOf(moment);
  let position = base;
  return group.map(({ writes, data }) => {
    position += BigInt(data.length);
    const streams = writes.map(({ stream, expected, events }) => ({
      stream,
      revision: (typeof expected === 'number' ? expected : -1) + events.length,
    }));
    return { position, recordedAt, streams, repeated: false };
  });
}
