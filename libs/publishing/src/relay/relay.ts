import { setTimeout as pause } from 'node:timers/promises';
import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { ContractBook } from '../contracts/contract-book';
import type { Topic } from '../contracts/contract';
import type { PublicMessage } from '../contracts/public-message';
import type { RelayObserver } from './observer';
import { UNWATCHED } from './observer';
import type { PageLimits } from './page-buffer';
import type { OpenPublisher, ParkedKey, Publisher } from './publisher';
import { PublisherError } from './publisher';
import { beginningOf } from './beginning';
import { RelaySession } from './relay-session';

/** What a relay works with. */
export interface RelayParts {
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly book: ContractBook;
  readonly publisher: Publisher;
  readonly log: { readonly info: (line: string) => void; readonly warn: (line: string) => void };
  readonly observer?: RelayObserver;
  /** Where messages go. Absent: the topics of the book. */
  readonly topics?: readonly Topic[];
  /** What is sent of a message; undefined: nothing. Absent: the message itself. */
  readonly select?: (message: PublicMessage) => PublicMessage | undefined;
  /** Ends there. Absent: goes on for ever. */
  readonly upTo?: bigint;
  /** Messages a second at most. Absent: as many as go. */
  readonly rate?: number;
  readonly limits?: PageLimits;
  /** Milliseconds after which a position that moved without messages is kept. */
  readonly restMilliseconds?: number;
  /** Milliseconds to wait after the first failure; doubles up to 25 times that. */
  readonly backoffMilliseconds?: number;
}

/** What a relay is doing. */
export type RelayPhase = 'opening' | 'relaying' | 'waiting' | 'refused' | 'fenced' | 'stopped';

/** How a relay stands. */
export interface RelayStatus {
  readonly phase: RelayPhase;
  /** Why it waits, or was refused. */
  readonly reason?: string;
  /** How far it has come; absent until it was told by where the messages are. */
  readonly position?: bigint;
  readonly parked: ReadonlyMap<string, ParkedKey>;
}

/** How a run ended: by the signal, as all is published, as somebody else took over, or as a setting is wrong. */
export type RelayEnd =
  { readonly kind: 'stopped' | 'done' } | { readonly kind: 'fenced' | 'refused'; readonly reason: string };

const DEFAULT_LIMITS: PageLimits = { messages: 5_000, bytes: 4_000_000 };
const REST_MILLISECONDS = 5_000;
const BACKOFF_MILLISECONDS = 200;
const LONGEST_FACTOR = 25;

/**
 * Publishes every public event of the log once and in position order, but for parked keys, whose events wait. How far it
 * has come is kept by the publisher, in the same transaction as the messages; whatever happens to a transaction, the
 * relay opens the publisher anew and goes on from what that says.
 */
export class Relay {
  private state: RelayStatus = { phase: 'opening', parked: new Map() };
  private session: RelaySession | undefined;
  private readonly wanted = new Set<string>();
  private readonly warnedOf = new Set<string>();
  private readonly refused = new Map<bigint, string>();
  private readonly carefulUpTo = { position: 0n };
  private readonly observer: RelayObserver;
  private readonly limits: PageLimits;
  private hasTriedParked = false;
  private failures = 0;

  constructor(private readonly parts: RelayParts) {
    this.observer = parts.observer ?? UNWATCHED;
    const limits = parts.limits ?? DEFAULT_LIMITS;
    // A tenth of a second's worth at once, so that a throttled replay does not come in bursts.
    const most = parts.rate === undefined ? limits.messages : Math.ceil(parts.rate / 10);
    this.limits = { ...limits, messages: Math.min(limits.messages, most) };
  }

  get status(): RelayStatus {
    const { session, state } = this;
    return session ? { ...state, position: session.position, parked: session.parked } : state;
  }

  /** Has parked keys tried again; what is not parked is left alone. */
  retry(streams: Iterable<string>): void {
    for (const stream of streams) this.wanted.add(stream);
    this.session?.look();
  }

  /** Relays until the signal comes; waits for a publisher or a store that is away. */
  async run(signal: AbortSignal): Promise<RelayEnd> {
    while (!signal.aborted) {
      const begun = performance.now();
      try {
        if (await this.relay(signal)) return this.ended({ kind: 'done' });
      } catch (error) {
        if (signal.aborted) break;
        const kind = error instanceof PublisherError ? error.kind : 'store';
        const reason = error instanceof Error ? error.message : String(error);
        this.observer.failed(kind);
        if (kind === 'fenced' || kind === 'refused') return this.ended({ kind, reason });
        if (performance.now() - begun > 10_000) this.failures = 0;
        await this.rest(reason, signal);
      }
    }
    return this.ended({ kind: 'stopped' });
  }

  private async relay(signal: AbortSignal): Promise<boolean> {
    const { publisher, book, topics = book.topics } = this.parts;
    const open = await publisher.open(topics, signal);
    try {
      const { parked } = open.state;
      const position = await beginningOf(this.parts.store, open.state);
      this.warnOfNew(open, position);
      this.warnOfTopics(open);
      if (!this.hasTriedParked) {
        // The code, or a setting of the broker, may have been mended.
        for (const stream of parked.keys()) this.wanted.add(stream);
        this.hasTriedParked = true;
      }
      const session = this.newSession(open, position);
      this.state = { phase: 'relaying', position, parked };
      this.session = session;
      this.parts.log.info(`publishing from position ${position} on`);
      return await session.run(signal);
    } finally {
      this.keepStatus();
      await open.close();
    }
  }

  /** Readers of such a topic would look in vain for what was published before. */
  private warnOfNew({ made }: OpenPublisher, position: bigint): void {
    if (position === 0n) return;
    for (const topic of made)
      this.parts.log.warn(
        `topic ${topic} was missing and is made: it begins behind position ${position}. What happened before is in the ` +
          'feed, and "guanxi publish replay" tells it once more, to a topic of its own',
      );
  }

  /** Each once, however often it is opened. */
  private warnOfTopics({ warnings }: OpenPublisher): void {
    for (const warning of warnings) if (!this.warnedOf.has(warning)) this.parts.log.warn(warning);
    for (const warning of warnings) this.warnedOf.add(warning);
  }

  private newSession(publisher: OpenPublisher, after: bigint): RelaySession {
    const {
      store,
      registry,
      book,
      select,
      upTo,
      rate,
      log,
      restMilliseconds = REST_MILLISECONDS,
    } = this.parts;
    return new RelaySession({
      ...{ store, registry, book, publisher, after, log, restMilliseconds },
      ...(select && { select }),
      ...(upTo !== undefined && { upTo }),
      ...(rate !== undefined && { rate }),
      storedTypes: registry.storedTypes(book.types),
      largest: (topic) => publisher.largest(topic),
      observer: this.watching(),
      limits: this.limits,
      wanted: this.wanted,
      refused: this.refused,
      carefulUpTo: this.carefulUpTo,
    });
  }

  /** A committed transaction ends a row of failures. */
  private watching(): RelayObserver {
    const { observer } = this;
    return {
      published: (batch) => {
        this.failures = 0;
        observer.published(batch);
      },
      failed: (kind) => {
        observer.failed(kind);
      },
      parked: () => {
        observer.parked();
      },
      healed: () => {
        observer.healed();
      },
    };
  }

  /** What a session knew last is shown until the next one knows better. */
  private keepStatus(): void {
    if (!this.session) return;
    const { position } = this.session;
    this.state = { ...this.state, position, parked: new Map(this.session.parked) };
    this.session = undefined;
  }

  private async rest(reason: string, signal: AbortSignal): Promise<void> {
    const { log, backoffMilliseconds = BACKOFF_MILLISECONDS } = this.parts;
    if (this.state.reason !== reason) log.warn(`publishing waits: ${reason}; it goes on by itself`);
    this.state = { ...this.state, phase: 'waiting', reason };
    const wait = backoffMilliseconds * Math.min(LONGEST_FACTOR, 2 ** this.failures);
    this.failures += 1;
    await pause(wait, undefined, { signal }).catch(() => undefined);
  }

  private ended(end: RelayEnd): RelayEnd {
    const { position, parked } = this.state;
    const phase = end.kind === 'fenced' || end.kind === 'refused' ? end.kind : 'stopped';
    this.state = {
      ...{ phase, parked },
      ...('reason' in end && { reason: end.reason }),
      ...(position !== undefined && { position }),
    };
    return end;
  }
}
