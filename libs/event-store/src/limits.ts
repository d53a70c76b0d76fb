import type { DomainError, JsonObject } from '@guanxi/kernel';
import { isInstant, isUuid } from '@guanxi/kernel';
import type { NewEvent, StreamWrite } from './port';
import { refusedWrite } from './errors';

/** Limits that hold on every store, so that a product grown on one can move to another. */
export const LIMITS = {
  streamNameLength: 200,
  typeNameLength: 200,
  /** That a writer may expect: what goes behind it still counts in 32 bits. */
  revision: 2_000_000_000,
  eventsPerAppend: 5_000,
  /** Of an event's data as JSON, and of an append's metadata. */
  eventBytes: 1_000_000,
  /** Of all data of an append. */
  appendBytes: 16_000_000,
} as const;

const PRINTABLE = /^[\x21-\x7e]+$/;

/**
 * Checks what can be checked before a store is asked.
 * @throws DomainError `event-store.empty-append`, `.stream-name`, `.stream-twice`, `.too-many-events`,
 * `.expected-revision`, `.event-id`, `.event-type`, `.duplicate-event-id`,
 * `.occurred-at`
 */
export function checkWrites(writes: readonly StreamWrite[]): void {
  const total = writes.reduce((sum, { events }) => sum + events.length, 0);
  if (total === 0) throw refusedWrite('empty-append', 'an append needs at least one event');
  if (total > LIMITS.eventsPerAppend) {
    throw refusedWrite('too-many-events', `an append holds at most ${LIMITS.eventsPerAppend} events`, {
      total,
    });
  }
  const streams = new Set<string>();
  const ids = new Set<string>();
  for (const { stream, expected, events } of writes) {
    checkStreamName(stream);
    if (streams.has(stream))
      throw refusedWrite('stream-twice', `stream ${stream} is named twice in one append`);
    streams.add(stream);
    checkExpected(expected);
    for (const event of events) checkEvent(event, ids);
  }
}

function checkExpected(expected: unknown): void {
  if (expected === 'new' || expected === 'exists' || expected === 'any') return;
  if (
    typeof expected === 'number' &&
    Number.isInteger(expected) &&
    expected >= 0 &&
    expected <= LIMITS.revision
  )
    return;
  throw refusedWrite(
    'expected-revision',
    `an expected revision is a whole number from 0 to ${LIMITS.revision}, new, exists or any`,
  );
}

function checkEvent({ id, type, occurredAt }: NewEvent, ids: Set<string>): void {
  if (!isInstant(occurredAt))
    throw refusedWrite('occurred-at', 'an event happens at an instant in UTC', { type });
  if (!isUuid(id)) throw refusedWrite('event-id', 'an event id is a UUID', { type });
  const own = id.toLowerCase();
  if (ids.has(own)) throw refusedWrite('duplicate-event-id', `event id ${id} is used twice in one append`);
  ids.add(own);
  if (type.length > LIMITS.typeNameLength || !PRINTABLE.test(type) || type.startsWith('$')) {
    throw refusedWrite(
      'event-type',
      `an event type has 1 to ${LIMITS.typeNameLength} printable ASCII characters, no space, and no leading $`,
      { length: type.length },
    );
  }
}

/**
 * Serialises an event's data to the exact text that is stored.
 * @throws DomainError `event-store.event-not-json` for what is no JSON object, `.event-too-large`
 */
export function serialise(type: string, data: unknown): string {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw notJson(type);
  const text = stringify(data);
  // What writes itself as something else (a moment, a text) would be read back as that.
  if (!text?.startsWith('{')) throw notJson(type);
  if (text.length * 3 > LIMITS.eventBytes && Buffer.byteLength(text) > LIMITS.eventBytes) {
    throw refusedWrite('event-too-large', `an event holds at most ${LIMITS.eventBytes} bytes`, { type });
  }
  return text;
}

/**
 * Serialises all events of an append, write by write.
 * @throws DomainError as `serialise`, and `event-store.append-too-large`
 */
export function serialiseAll(writes: readonly StreamWrite[]): {
  readonly texts: readonly string[];
  /** Characters of all texts. */
  readonly size: number;
} {
  const texts: string[] = [];
  let size = 0;
  for (const { events } of writes) {
    for (const { type, data } of events) {
      const text = serialise(type, data);
      texts.push(text);
      size += text.length;
    }
  }
  if (size * 3 > LIMITS.appendBytes && bytesOf(texts) > LIMITS.appendBytes) {
    throw refusedWrite('append-too-large', `an append holds at most ${LIMITS.appendBytes} bytes`);
  }
  return { texts, size };
}

const bytesOf = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);

/** Undefined for what JSON cannot carry: of a circle or a bigint, the engine's message may quote names of fields. */
function stringify(data: object): string | undefined {
  try {
    return JSON.stringify(data);
  } catch {
    return undefined;
  }
}

const notJson = (type: string): DomainError =>
  refusedWrite('event-not-json', 'the data of an event is an object that JSON can carry', { type });

/** What `serialise` wrote, as data again. */
export function deserialise(text: string): JsonObject {
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- stored text is an object's JSON
  return JSON.parse(text) as JsonObject;
}

function checkStreamName(stream: string): void {
  if (stream.length > LIMITS.streamNameLength || !PRINTABLE.test(stream) || stream.startsWith('$')) {
    throw refusedWrite(
      'stream-name',
      `a stream name has 1 to ${LIMITS.streamNameLength} printable ASCII characters, no space, and no leading $`,
      { length: stream.length },
    );
  }
}
