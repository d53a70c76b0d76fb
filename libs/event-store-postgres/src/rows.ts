import type { EventMetadata, JsonObject, RecordedEvent } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';

/** Columns of `es.events` in the order in which `toEvent` takes them. */
export const EVENT_COLUMNS = 'position, stream, revision, id, type, occurred_at, recorded_at, data, metadata';

/** A row of `es.events`, read in array mode. */
export type EventRow = [
  position: string,
  stream: string,
  revision: number,
  id: string,
  type: string,
  occurredAt: Date,
  recordedAt: Date,
  data: string,
  metadata: string,
];

/** Turns a stored row into an event; data is parsed from its exact text. */
export function toEvent(row: EventRow): RecordedEvent {
  const [position, stream, revision, id, type, occurredAt, recordedAt, data, metadata] = row;
  return {
    id,
    type,
    stream,
    revision,
    position: BigInt(position),
    occurredAt: instantOf(occurredAt),
    recordedAt: instantOf(recordedAt),
    data: JSON.parse(data) as JsonObject,
    metadata: toMetadata(metadata),
  };
}

/** Metadata of an append from the text that is stored. */
export const toMetadata = (text: string): EventMetadata => JSON.parse(text) as EventMetadata;
