import type { JsonObject } from '@guanxi/kernel';
import type { StreamWrite } from './port';
import { refusedWrite } from './errors';

/** Limits that hold on every store, so that a product grown on one can move to another. */
export const LIMITS = { streamNameLength: 200, eventsPerAppend: 5_000, eventBytes: 1_000_000 } as const;

const STREAM_NAME = /^[\x21-\x7e]+$/;

/**
 * Checks what can be checked before a store is asked.
 * @throws DomainError `event-store.empty-append`, `.stream-name`, `.stream-twice`, `.too-many-events`,
 * `.expected-revision`, `.duplicate-event-id`
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
    if (events.length === 0) throw refusedWrite('empty-append', `the write to ${stream} has no event`);
    if (typeof expected === 'number' && (!Number.isSafeInteger(expected) || expected < 0)) {
      throw refusedWrite(
        'expected-revision',
        'an expected revision is a whole number from 0, new, exists or any',
      );
    }
    for (const { id } of events) {
      if (ids.has(id)) throw refusedWrite('duplicate-event-id', `event id ${id} is used twice in one append`);
      ids.add(id);
    }
  }
}

/** Serialises an event's data to the exact text that is stored. */
export function serialise(type: string, data: unknown): string {
  const text = JSON.stringify(data);
  if (text.length * 3 > LIMITS.eventBytes && Buffer.byteLength(text) > LIMITS.eventBytes) {
    throw refusedWrite('event-too-large', `an event holds at most ${LIMITS.eventBytes} bytes`, { type });
  }
  return text;
}

/** What `serialise` wrote, as data again. */
export function deserialise(text: string): JsonObject {
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- stored text is an object's JSON
  return JSON.parse(text) as JsonObject;
}

function checkStreamName(stream: string): void {
  if (stream.length > LIMITS.streamNameLength || !STREAM_NAME.test(stream) || stream.startsWith('$')) {
    throw refusedWrite(
      'stream-name',
      `a stream name has 1 to ${LIMITS.streamNameLength} printable ASCII characters, no space, and no leading $`,
      { length: stream.length },
    );
  }
}
