import type { EventMetadata, Instant, JsonObject, RecordedEvent } from '@guanxi/kernel';

/** What a stream must look like for a write to be accepted: empty, not empty, anything, or ending at a revision. */
export type ExpectedRevision = 'new' | 'exists' | 'any' | number;

/** An event on its way into a stream. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly occurredAt: Instant;
  readonly data: JsonObject;
}

/**
 * Events for one stream, written only if the stream is as expected. Without events it is a condition alone: it says
 * what must hold of a stream that other writes of the append do not touch.
 */
export interface StreamWrite {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly NewEvent[];
}

/** Where the events of one write came to lie. */
export interface AppendedStream {
  readonly stream: string;
  /** Revision of the stream's last event; -1 for a stream that is only held to be empty. */
  readonly revision: number;
}

/** The outcome of an append: all writes are in, under one recordedAt, one behind the other. */
export interface Appended {
  /** Position of the last event written. */
  readonly position: bigint;
  readonly recordedAt: Instant;
  readonly streams: readonly AppendedStream[];
  /** True when the events were found in place, written by an earlier append, as far as the store can tell. */
  readonly repeated: boolean;
}

/** Where the log ends; position 0 means that it is empty. */
export interface Head {
  readonly position: bigint;
}

/**
 * Which events of the log a reader wants; an absent part wants all. Parts are joined by *and*, the values of a part
 * by *or*; a part without values wants nothing.
 */
export interface EventFilter {
  readonly types?: readonly string[];
  readonly categories?: readonly string[];
  /** How names of streams begin. */
  readonly prefixes?: readonly string[];
}

/**
 * What a subscription delivers: events in position order, and word that it has caught up with the head. `position` is
 * how far was looked: with a filter it may lie behind the last event, and `events` may be empty, so that a reader's
 * checkpoint moves on where nothing concerns it.
 */
export type SubscriptionMessage =
  | { readonly kind: 'events'; readonly events: readonly RecordedEvent[]; readonly position: bigint }
  | { readonly kind: 'live'; readonly position: bigint };

/**
 * A durable log of events in one total order. Positions rise in the order of commits, so a reader that remembers the
 * last position it saw misses nothing and needs no horizon. In memory and on PostgreSQL they count 1, 2, 3 … without a
 * gap; on KurrentDB they are places in its log, and "how many events behind" cannot be told from them.
 */
export interface EventStore {
  /**
   * Writes to one or several streams, all or nothing. An append is repeatable where each of its writes expects `new` or
   * a revision: sent again with the same event ids it finds its own events in place, writes nothing and answers as it
   * did the first time.
   * @throws WrongExpectedRevision when a stream is not as expected; nothing is written then
   * @throws DomainError `event-store.*` for input that no store accepts; `event-store.overloaded` when too much waits;
   * `event-store.unavailable` when the store is away and it is not known what became of the append
   */
  append(writes: readonly StreamWrite[], metadata: EventMetadata): Promise<Appended>;

  /** Events of one stream by revision, from `from` on (default 0), at most `limit` (default all). Empty if there is none. */
  readStream(
    stream: string,
    options?: { readonly from?: number; readonly limit?: number },
  ): Promise<readonly RecordedEvent[]>;

  /** Events of several streams that have one of the types, in position order. */
  readStreams(streams: readonly string[], types: readonly string[]): Promise<readonly RecordedEvent[]>;

  /** Pages of the log behind `after` up to the head at the time of reading. */
  readAll(options: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]>;

  /** Catch-up, then live, until `signal` aborts. Pulls: a slow consumer holds two pages at most. */
  subscribe(options: ReadAllOptions & { readonly signal: AbortSignal }): AsyncIterable<SubscriptionMessage>;

  head(): Promise<Head>;

  /** Last position whose recordedAt is not later than `instant`; 0 before the first event. */
  positionAt(instant: Instant): Promise<bigint>;

  close(): Promise<void>;
}

/** From where and what to read. */
export interface ReadAllOptions {
  /** Read behind this position; 0 reads from the start. */
  readonly after: bigint;
  readonly filter?: EventFilter;
  /** Most events in a page, default 1,000. */
  readonly pageSize?: number;
}

/** Page size where the reader does not say. */
export const DEFAULT_PAGE_SIZE = 1_000;
