import type { PublisherFailure } from './publisher';

/** A transaction that is committed. */
export interface PublishedBatch {
  readonly events: number;
  readonly messages: number;
  readonly bytes: number;
  readonly milliseconds: number;
}

/** Gets to know what a relay does, as it does it. */
export interface RelayObserver {
  published(batch: PublishedBatch): void;
  /** Publishing broke off; by which kind, `store` when the event store could not be read. */
  failed(kind: PublisherFailure | 'store'): void;
  parked(): void;
  healed(): void;
}

/** For whom nobody watches. */
export const UNWATCHED: RelayObserver = {
  published: () => undefined,
  failed: () => undefined,
  parked: () => undefined,
  healed: () => undefined,
};
