import type { RecordedEvent } from '@guanxi/kernel';
import type { Halt } from './parked-keys';
import type { AnyReadModel } from './read-model';
import { KeyVersions, takeNext } from './versions';

/** What follows from a key's events, up to the first that cannot be folded. */
export interface KeyFold {
  readonly versions: KeyVersions;
  /** Set when the fold came to a halt; `versions` are what was before. */
  readonly halt?: Halt;
}

/** Folds a key from its first event on, as far as that goes. @param events all of the key's, in position order */
export function foldKey(model: AnyReadModel, key: string, events: readonly RecordedEvent[]): KeyFold {
  const versions = new KeyVersions(model, key);
  let index = 0;
  for (const event of events) {
    try {
      takeNext(versions, events, index);
    } catch (error) {
      return { versions, halt: { event, error, waiting: events.length - index - 1 } };
    }
    index += 1;
  }
  return { versions };
}
