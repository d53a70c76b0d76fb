import type { Appended } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';

/** An event and where it lies, in the store or as somebody saw it. */
export type Place = Pick<RecordedEvent, 'id' | 'stream' | 'revision' | 'position' | 'recordedAt'>;

/** An append that was sent, and what its writer was told. */
export interface Attempt {
  /** Who sent it: one after the other, each after the answer to the one before. */
  readonly writer: string;
  readonly writes: readonly { readonly stream: string; readonly ids: readonly string[] }[];
  /** What was answered; undefined where a stream was not as expected. */
  readonly appended: Appended | undefined;
  /** Which stream was found where, if one was not as expected. */
  readonly found?: { readonly stream: string; readonly revision: number };
  /** Whether a refusal can be right: somebody else writes to a stream of which a revision was expected. */
  readonly contended: boolean;
}

/** What one reader or subscriber saw, in the order in which it saw it. */
export interface Sighting {
  readonly follower: string;
  /** It began behind this position. */
  readonly after: bigint;
  readonly events: readonly Place[];
  /** How many of the events it saw while unrelated transactions were open; undefined where nobody asked. */
  readonly whileOpen: number | undefined;
}

/** Everything that a run brought to light. */
export interface Observations {
  readonly attempts: readonly Attempt[];
  readonly sightings: readonly Sighting[];
  /** The store's content by position, read past the store's own code. */
  readonly content: readonly Place[];
  readonly gapless: boolean;
}
