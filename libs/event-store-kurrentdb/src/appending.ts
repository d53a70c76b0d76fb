import { randomBytes } from 'node:crypto';
import type { AppendStreamState, EventData } from '@kurrent/kurrentdb-client';
import { ANY, NO_STREAM, STREAM_EXISTS, STREAM_STATE } from '@kurrent/kurrentdb-client';
import type { EventMetadata, Instant } from '@guanxi/kernel';
import type { ExpectedRevision, StreamWrite } from '@guanxi/event-store';
import { isRepeatable } from '@guanxi/event-store';
import type { Connection } from './connection';
import { toEventData } from './record-codec';

/** An append as it is sent, as often as it must be: the same ids, the same expectations. */
export interface Prepared {
  readonly writes: readonly StreamWrite[];
  /** The writes with events, in order. */
  readonly parts: readonly PreparedPart[];
  /** The writes without events: what must hold of streams that are not written to. */
  readonly conditions: readonly StreamWrite[];
  /** Tells the events of this append from those of an earlier one with the same ids. */
  readonly append: string;
  /** Whether KurrentDB, or a look into the streams, can tell for certain that it was written already. */
  readonly repeatable: boolean;
}

export interface PreparedPart extends StreamWrite {
  readonly records: readonly EventData[];
}

/** @param texts the data of all events, write by write */
export function prepare(
  writes: readonly StreamWrite[],
  texts: readonly string[],
  metadata: EventMetadata,
  notBefore: Instant,
): Prepared {
  const append = randomBytes(9).toString('base64url');
  let index = 0;
  const parts = writes.map((write) => ({
    ...write,
    records: write.events.map((event) => {
      const text = texts[index] ?? '';
      index += 1;
      return toEventData(event, text, metadata, { notBefore, part: { index, count: texts.length, append } });
    }),
  }));
  return {
    writes,
    parts: parts.filter(({ events }) => events.length > 0),
    conditions: writes.filter(({ events }) => events.length === 0),
    append,
    repeatable: isRepeatable(writes),
  };
}

export const stateFor = (expected: ExpectedRevision): AppendStreamState => {
  if (expected === 'new') return NO_STREAM;
  if (expected === 'exists') return STREAM_EXISTS;
  return expected === 'any' ? ANY : BigInt(expected);
};

/** Revision of the last event of each part. */
export type Revisions = ReadonlyMap<string, number>;

type Client = Connection['client'];

/** One stream: the call that every server has. */
export async function appendToOne(
  client: Client,
  { stream, expected, records }: PreparedPart,
): Promise<Revisions> {
  const options = { streamState: stateFor(expected), requiresLeader: true };
  const { nextExpectedRevision } = await client.appendToStream(stream, [...records], options);
  return new Map([[stream, Number(nextExpectedRevision)]]);
}

/** Several streams, from 25.1 on. */
export async function appendToSeveral(client: Client, parts: readonly PreparedPart[]): Promise<Revisions> {
  const { responses } = await client.multiStreamAppend(
    parts.map(({ stream, expected, records }) => ({
      streamName: stream,
      expectedState: stateFor(expected),
      events: [...records],
    })),
  );
  return new Map(responses.map(({ streamName, revision }) => [streamName, Number(revision)]));
}

/** One or several streams, with checks of others, from 26.1 on. A check of anything is refused there: it is left out. */
export async function appendWithChecks(client: Client, { parts, writes }: Prepared): Promise<Revisions> {
  const { responses } = await client.appendRecords(
    parts.flatMap(({ stream, records }) => records.map((record) => ({ streamName: stream, record }))),
    writes
      .filter(({ expected }) => expected !== 'any')
      .map(({ stream, expected }) => ({
        type: STREAM_STATE,
        streamName: stream,
        expectedState: stateFor(expected),
      })),
  );
  const named = new Map(
    responses.map(({ streamName, revision }) => [streamName.toLowerCase(), Number(revision)]),
  );
  return new Map(parts.map(({ stream }) => [stream, named.get(stream.toLowerCase()) ?? -1]));
}

/** `appendRecords` takes names that differ in case alone for one. */
export const differInCaseAlone = ({ writes }: Prepared): boolean =>
  new Set(writes.map(({ stream }) => stream.toLowerCase())).size < writes.length;
