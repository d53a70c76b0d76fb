import type { EventRegistry } from '@guanxi/event-store';
import { derivedId } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import { isUuid } from '@guanxi/kernel';
import type { AnyReadModel } from './read-model';

/** An event with the key to which it belongs in a read model. */
export interface PlacedEvent {
  readonly key: string;
  readonly event: RecordedEvent;
}

/**
 * The event in its newest version. One that cannot be lifted there has no data that could be read: who folds it fails,
 * which parks its key, while all who do not look at it go on.
 */
export function readable(registry: EventRegistry, event: RecordedEvent): RecordedEvent {
  try {
    return registry.newest(event);
  } catch (error) {
    return unreadable({ ...event, type: registry.newestType(event.type) }, error);
  }
}

/**
 * Where an event belongs in a read model; undefined when it says nothing about any key. An event whose key cannot be
 * told is put under a key that stands for its stream, where nothing can be folded: it waits there to be looked at.
 */
export function placed(model: AnyReadModel, event: RecordedEvent): PlacedEvent | undefined {
  try {
    const key = model.keyOf(event);
    if (key === undefined) return undefined;
    const canBeKey: boolean = isUuid(key);
    if (canBeKey) return { key, event };
    throw new Error(`"${key}", which ${model.name} takes for the key of ${event.stream}, is no UUID`);
  } catch (error) {
    return { key: streamKeyOf(event.stream), event: unreadable(event, error) };
  }
}

/** The key that stands for a stream whose events have none. */
export const streamKeyOf = (stream: string): string => derivedId('events without a key', stream);

/** The event, with an error in the place of its data. */
function unreadable(event: Omit<RecordedEvent, 'data'>, error: unknown): RecordedEvent {
  const { id, type, stream, revision, position, occurredAt, recordedAt, metadata } = event;
  return {
    ...{ id, type, stream, revision, position, occurredAt, recordedAt, metadata },
    get data(): never {
      throw error;
    },
  };
}
