/** What an append expects of a stream, as the server numbers it: -1 no stream, -2 anything, -4 any event at all. */
export type Expected = bigint;
export const NO_STREAM = -1n;
export const ANY = -2n;
export const STREAM_EXISTS = -4n;

/** An event on its way in. */
export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** An event of the log. */
export interface Stored extends Proposed {
  readonly stream: string;
  readonly revision: bigint;
  /** Commit position, and prepare position too: gRPC writes have them equal. */
  readonly position: bigint;
  /** The leader's clock in steps of 100 ns since 1970. */
  readonly ticks: bigint;
}

/** One stream's part of an append. */
export interface Part {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly Proposed[];
}

export interface WrongState {
  readonly stream: string;
  readonly expected: Expected;
  readonly actual: bigint;
}

/** What became of an append. `repeated` when all of it had been written before; then no position is known. */
export type Outcome =
  | {
      readonly kind: 'written' | 'repeated';
      readonly position?: bigint;
      readonly revisions: readonly { readonly stream: string; readonly revision: bigint }[];
    }
  | { readonly kind: 'wrong'; readonly states: readonly WrongState[] };

type Check = 'fresh' | 'repeated' | WrongState;

/** Bytes that the server needs for a record beside its data: positions rise by more than one, and unevenly. */
const RECORD_BYTES = 113;

/**
 * The transaction log of the test server: positions with gaps, revisions, and the server's rules of idempotency, which
 * are durable for `no_stream` and for a revision, and last until a restart for `any` and `stream_exists`.
 */
export class TransactionLog {
  readonly events: Stored[] = [];
  private readonly streams = new Map<string, Stored[]>();
  private readonly listeners = new Set<() => void>();
  /** Ids that the leader remembers; lost on a restart. */
  private remembered = new Set<string>();
  private end = 0n;

  /** @param clock the leader's clock in milliseconds; it may go backwards */
  constructor(private clock: () => number = Date.now) {
    this.writeSystemEvent('$UserCreated', '$user-admin');
    this.writeSystemEvent('$metadata', '$$$stats');
  }

  setClock(clock: () => number): void {
    this.clock = clock;
  }

  /** What the server writes for itself, such as statistics. */
  writeSystemEvent(type = '$statsCollected', stream = '$stats-127.0.0.1:2113'): void {
    const none = new TextEncoder().encode('{}');
    this.store(stream, {
      id: crypto.randomUUID(),
      type,
      contentType: 'application/json',
      data: none,
      metadata: none,
    });
    this.changed();
  }

  stream(name: string): readonly Stored[] {
    return this.streams.get(name) ?? [];
  }

  /** Forgets what only the leader's memory held. */
  restarted(): void {
    this.remembered = new Set();
  }

  append(parts: readonly Part[], checks: readonly Omit<Part, 'events'>[] = []): Outcome {
    const results = parts.map((part) => this.check(part));
    const failed = checks
      .filter(({ stream, expected }) => !isAsExpected(expected, this.revisionOf(stream)))
      .map(({ stream, expected }) => ({ stream, expected, actual: this.revisionOf(stream) }));
    if (failed.length === 0 && results.every((result) => result === 'repeated')) {
      return { kind: 'repeated', revisions: parts.map((part) => this.repeatedRevision(part)) };
    }
    const wrong = [
      ...failed,
      ...results.filter((result): result is WrongState => typeof result === 'object'),
    ];
    const mixed = parts.find((_, index) => results[index] === 'repeated');
    if (wrong.length > 0) return { kind: 'wrong', states: wrong };
    if (mixed) {
      const { stream, expected } = mixed;
      return { kind: 'wrong', states: [{ stream, expected, actual: this.revisionOf(stream) }] };
    }
    for (const { stream, events } of parts) for (const event of events) this.store(stream, event);
    this.changed();
    return {
      kind: 'written',
      position: this.events.at(-1)?.position ?? 0n,
      revisions: parts.map(({ stream }) => ({ stream, revision: this.revisionOf(stream) })),
    };
  }

  /** Calls `listener` after each append until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private check({ stream, expected, events }: Part): Check {
    const actual = this.revisionOf(stream);
    const wrong = { stream, expected, actual };
    if (expected === ANY || expected === STREAM_EXISTS) {
      if (expected === STREAM_EXISTS && actual < 0n) return wrong;
      const known = events.filter(({ id }) => this.remembered.has(`${stream} ${id}`)).length;
      if (known === events.length && known > 0) return 'repeated';
      return known > 0 ? wrong : 'fresh';
    }
    if (expected === actual) return 'fresh';
    if (expected > actual) return wrong;
    const from = Number(expected) + 1;
    const same = events.every(({ id }, index) => this.stream(stream)[from + index]?.id === id);
    return same ? 'repeated' : wrong;
  }

  private repeatedRevision({ stream, expected, events }: Part): { stream: string; revision: bigint } {
    if (expected >= NO_STREAM) return { stream, revision: expected + BigInt(events.length) };
    const last = events.at(-1);
    return { stream, revision: this.stream(stream).find(({ id }) => id === last?.id)?.revision ?? -1n };
  }

  private revisionOf(stream: string): bigint {
    return BigInt(this.stream(stream).length) - 1n;
  }

  private store(stream: string, proposed: Proposed): void {
    const events = this.streams.get(stream) ?? [];
    this.streams.set(stream, events);
    const ticks = BigInt(Math.floor(this.clock() * 1_000)) * 10n;
    const stored: Stored = {
      ...proposed,
      stream,
      revision: BigInt(events.length),
      position: this.end,
      ticks,
    };
    this.end += BigInt(RECORD_BYTES + stream.length + proposed.data.length + proposed.metadata.length);
    events.push(stored);
    this.events.push(stored);
    this.remembered.add(`${stream} ${proposed.id}`);
  }

  private changed(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

export function isAsExpected(expected: Expected, actual: bigint): boolean {
  if (expected === ANY) return true;
  return expected === STREAM_EXISTS ? actual >= 0n : expected === actual;
}
