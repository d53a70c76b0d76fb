import type { EventMetadata, JsonObject, RecordedEvent } from '@guanxi/kernel';
import { instantOfText } from '@guanxi/pg-arrays';
import type { CustomTypesConfig } from 'pg';

/** Columns of `es.events` in the order in which `toEvent` takes them. */
export const EVENT_COLUMNS = 'position, stream, revision, id, type, occurred_at, recorded_at, data, metadata';

/** Every value as PostgreSQL writes it: what is made of it is made here, once. */
export const AS_TEXT: CustomTypesConfig = { getTypeParser: () => (text: string) => text };

/** A row of `es.events`, read in array mode as text. */
export type EventRow = [
  position: string,
  stream: string,
  revision: string,
  id: string,
  type: string,
  occurredAt: string,
  recordedAt: string,
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
    revision: Number(revision),
    position: BigInt(position),
    occurredAt: instantOfText(occurredAt),
    recordedAt: instantOfText(recordedAt),
    data: JSON.parse(data) as JsonObject,
    metadata: toMetadata(metadata),
  };
}

/** Metadata of an append from the text that is stored. */
export const toMetadata = (text: string): EventMetadata => JSON.parse(text) as EventMetadata;
