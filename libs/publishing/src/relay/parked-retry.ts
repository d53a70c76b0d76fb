import type { EventStore } from '@guanxi/event-store';
import type { MappingParts } from './mapping';
import { mapEvent } from './mapping';
import type { Outgoing } from './outgoing';
import type { PageLimits } from './page-buffer';
import type { ParkedKey } from './publisher';

/** What goes in one transaction when a parked key is tried again. */
export interface HealedPart {
  readonly messages: readonly Outgoing[];
  readonly events: number;
  /** How the key stands then; undefined: healed. */
  readonly key: ParkedKey | undefined;
}

/** What a parked key is tried again with. */
export interface HealingParts {
  readonly store: EventStore;
  readonly mapping: MappingParts;
  readonly limits: PageLimits;
}

/**
 * What waits behind a parked key, in its order, up to where the relay has come: what lies behind goes its usual way.
 * Ends with the key healed, or parked at the first event that cannot be told.
 */
export async function* healParked(
  { store, mapping, limits }: HealingParts,
  stream: string,
  parked: ParkedKey,
  upTo: bigint,
): AsyncGenerator<HealedPart> {
  let messages: Outgoing[] = [];
  let bytes = 0;
  let events = 0;
  for (const event of await store.readStream(stream)) {
    const { position, type } = event;
    if (position < parked.position || position > upTo) continue;
    const mapped = mapEvent(mapping, event);
    if (!mapped) continue;
    if (mapped.failure) {
      yield { messages, events, key: mapped.failure };
      return;
    }
    if (messages.length > 0 && (messages.length >= limits.messages || bytes + mapped.bytes > limits.bytes)) {
      yield { messages, events, key: { ...parked, position, type } };
      messages = [];
      bytes = 0;
      events = 0;
    }
    messages.push(...mapped.messages);
    bytes += mapped.bytes;
    events += 1;
  }
  yield { messages, events, key: undefined };
}
