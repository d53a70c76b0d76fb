import type { Appended, ExpectedRevision, StreamWrite } from '@guanxi/event-store';
import { WrongExpectedRevision, isAsExpected } from '@guanxi/event-store';
import { instantOf } from '@guanxi/kernel';
import { ArrayPacker, arrayOf } from '@guanxi/pg-arrays';
import type { PoolClient } from 'pg';
import { appendKnown, knownColumns } from './append-known';
import type { PendingAppend } from './pending-append';

interface GroupResult {
  readonly moment: Date;
  readonly base: string;
  readonly actual: readonly number[];
  readonly refused: readonly boolean[];
}

/** Parameters of `es.append` in order, each a column; see the function for what they hold. */
const COLUMNS = {
  streams: 'text',
  expected: 'integer',
  counts: 'integer',
  groups: 'integer',
  metadata: 'text',
  writes: 'integer',
  numbers: 'integer',
  ids: 'uuid',
  types: 'text',
  moments: 'timestamptz',
  data: 'text',
} as const;

type Column = keyof typeof COLUMNS;
// eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- keys of a literal, in its order
const COLUMN_NAMES = Object.keys(COLUMNS) as Column[];

const PARAMETERS = Object.values(COLUMNS)
  .map((type, index) => `$${index + 1}::${type}[]`)
  .join(', ');

/** Groups that go without a try at known revisions after one in vain: what was written for it is thrown away. */
const WARY_GROUPS = 8;

/** Carries out groups of appends, each in one transaction and one round trip. */
export class GroupAppender {
  private wary = 0;
  private readonly packers: ArrayPacker[] = [];

  /** The outcome of each append, in the order given. */
  async append(
    client: PoolClient,
    group: readonly PendingAppend[],
  ): Promise<readonly (Appended | WrongExpectedRevision)[]> {
    return (await this.tryKnown(client, group)) ?? lookInto(client, group);
  }

  /** Nearly always the streams are as expected; where many writers meet in a few streams they are not. */
  private async tryKnown(
    client: PoolClient,
    group: readonly PendingAppend[],
  ): Promise<readonly Appended[] | undefined> {
    if (group.length > 1 && this.wary > 0) {
      this.wary -= 1;
      return undefined;
    }
    const columns = knownColumns(group);
    if (!columns) return undefined;
    const packer = this.packers.pop() ?? new ArrayPacker();
    // Not where that fails: then nobody knows whether the driver still has the columns.
    const known = await appendKnown(client, group, columns, packer);
    packer.clear();
    this.packers.push(packer);
    if (!known && group.length > 1) this.wary = WARY_GROUPS;
    return known;
  }
}

async function lookInto(
  client: PoolClient,
  group: readonly PendingAppend[],
): Promise<readonly (Appended | WrongExpectedRevision)[]> {
  const { rows } = await client.query<GroupResult>({
    name: 'es-append',
    text: `select moment, base, actual, refused from es.append(${PARAMETERS})`,
    values: parametersOf(group),
  });
  const [result] = rows;
  if (!result) throw new Error('the database answered no outcome for an append');
  return outcomesOf(group, result);
}

function parametersOf(group: readonly PendingAppend[]): Buffer[] {
  const columns: Readonly<Record<Column, (string | number)[]>> = {
    ...{ streams: [], expected: [], counts: [], groups: [], metadata: [] },
    ...{ writes: [], numbers: [], ids: [], types: [], moments: [], data: [] },
  };
  for (const [index, { writes, metadataText, data }] of group.entries()) {
    columns.data.push(...data);
    for (const { stream, expected, events } of writes) {
      const write = columns.streams.push(stream);
      columns.expected.push(codeOf(expected));
      columns.counts.push(events.length);
      columns.groups.push(index);
      columns.metadata.push(metadataText);
      for (const [at, { id, type, occurredAt }] of events.entries()) {
        columns.writes.push(write);
        columns.numbers.push(at + 1);
        columns.ids.push(id);
        columns.types.push(type);
        columns.moments.push(occurredAt);
      }
    }
  }
  return COLUMN_NAMES.map((name) => arrayOf(COLUMNS[name], columns[name]));
}

/** What each append came to: positions rise over the accepted ones in the order of the group. */
function outcomesOf(
  group: readonly PendingAppend[],
  { moment, base, actual, refused }: GroupResult,
): (Appended | WrongExpectedRevision)[] {
  const recordedAt = instantOf(moment);
  let position = BigInt(base);
  let first = 0;
  return group.map(({ writes, data }) => {
    const from = first;
    first += writes.length;
    if (refused[from]) return wrongRevision(writes, actual.slice(from, first));
    position += BigInt(data.length);
    const streams = writes.map(({ stream, events }, index) => ({
      stream,
      revision: (actual[from + index] ?? -1) + events.length,
    }));
    return { position, recordedAt, streams, repeated: false };
  });
}

/** Names the first stream that was not as expected. */
function wrongRevision(writes: readonly StreamWrite[], actual: readonly number[]): WrongExpectedRevision {
  const index = writes.findIndex(({ expected }, at) => !isAsExpected(expected, actual[at] ?? -1));
  const write = writes[index] ?? writes[0];
  return new WrongExpectedRevision(write?.stream ?? '', write?.expected ?? 'any', actual[index] ?? -1);
}

function codeOf(expected: ExpectedRevision): number {
  switch (expected) {
    case 'new':
      return -1;
    case 'exists':
      return -2;
    case 'any':
      return -3;
    default:
      return expected;
  }
}
