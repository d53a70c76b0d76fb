import type { StreamWrite } from '@guanxi/event-store';
import { serialise, serialiseAll } from '@guanxi/event-store';
import type { EventMetadata } from '@guanxi/kernel';

/** One append of a group, its events already the text that is stored. */
export interface PendingAppend {
  readonly writes: readonly StreamWrite[];
  readonly metadata: EventMetadata;
  readonly metadataText: string;
  /** The data of each event, write by write. */
  readonly data: readonly string[];
  /** Characters of text, and what each event has beside: what the append holds in memory and, roughly, on the wire. */
  readonly bytes: number;
}

/** An event's id, type, moment and object: thousands of small events are no small append. */
const EVENT_BYTES = 300;

/** Serialises an append once, so that waiting ones cost nothing more. @throws DomainError for events too large */
export function pendingAppend(writes: readonly StreamWrite[], metadata: EventMetadata): PendingAppend {
  const { texts, size } = serialiseAll(writes);
  const metadataText = serialise('metadata', metadata);
  return {
    writes,
    metadata,
    metadataText,
    data: texts,
    bytes: size + metadataText.length + texts.length * EVENT_BYTES,
  };
}
