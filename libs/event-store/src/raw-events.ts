/** Which part of the log to hand out raw. */
export interface RawRange {
  /** Behind this position. */
  readonly after: bigint;
  /** Up to and with this position. */
  readonly upTo: bigint;
  /** Types wanted as they are stored; absent: all. */
  readonly types?: readonly string[];
}

/**
 * A log that hands itself out in bulk, undecoded: as PostgreSQL's binary COPY of the columns `position` (bigint),
 * `revision` (integer), `occurred_at`, `recorded_at` (timestamptz), `id` (uuid), `type`, `stream`, `data` (text).
 * Who reads millions of events looks at a few bytes of each, and decodes what it needs.
 */
export interface RawEvents {
  /** The range as bytes of one or several such copies, cut anywhere; rows come in any order. */
  copy(range: RawRange): AsyncIterable<Buffer>;
}
