import type { ServerResponse } from 'node:http';
import type { EventRegistry, EventStore } from '@guanxi/event-store';
import { DomainError } from '@guanxi/kernel';
import type { ContractBook } from '../contracts/contract-book';
import { CatchUp } from './catch-up';
import type { Cursor } from './cursor';
import { behind, formatCursor } from './cursor';
import type { FeedFilter } from './feed-filter';
import { FeedOffer } from './feed-filter';
import { FeedReader } from './feed-reader';
import type { Frame } from './frame';
import type { Untold } from './framing';
import { Framing } from './framing';
import type { LiveTail } from './live-tail';
import { positionAhead, positionUnknown, serverStopping, tooManyFeeds } from './refusals';
import type { FeedSettings } from './settings';
import { FEED_SETTINGS } from './settings';
import { SseSession } from './sse-session';
import { SharedTail } from './shared-tail';

/** Gets what an operator should know. */
export interface FeedLog {
  warn(message: unknown, context?: string): void;
  error(message: unknown, context?: string): void;
}

/** What the feed is made of. */
export interface FeedParts {
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly book: ContractBook;
  /** As in all public events. */
  readonly source: string;
  /** True where positions of the store count its events without a gap. */
  readonly countsEvents: boolean;
  readonly log: FeedLog;
  readonly settings?: Partial<FeedSettings>;
}

/** From where and what somebody reads. */
export interface FeedRequest {
  /** `now`: only what comes from now on. */
  readonly from: Cursor | 'now';
  readonly filter: FeedFilter;
}

/** A page of a long poll. */
export interface Polled {
  readonly frames: readonly Frame[];
  /** What to ask for next. */
  readonly next: string;
}

/** What the feed counts. */
export interface FeedFigures {
  readonly open: number;
  readonly polls: number;
  readonly catchingUp: number;
  readonly queued: number;
  readonly sent: number;
  readonly cutOff: number;
  readonly refused: number;
  readonly untold: number;
  /** Of the reader that is furthest behind. */
  readonly lagPositions: number;
  readonly lagSeconds: number;
}

const LONGEST_TICK_MILLISECONDS = 1_000;
const LEAST_TICK_MILLISECONDS = 10;
const MOST_POLLED_BYTES = 4_000_000;
const MOST_REMEMBERED = 1_000;

/** Public events over plain HTTP, from any place of the whole history, then live, to many readers at a time. */
export class Feed {
  readonly offer: FeedOffer;
  readonly countsEvents: boolean;
  private readonly settings: FeedSettings;
  private readonly tail: SharedTail;
  private readonly catchUp: CatchUp;
  private readonly sessions = new Set<SseSession>();
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly counts = { open: 0, sent: 0, cutOff: 0, refused: 0, untold: 0 };
  private readonly known = new Set<bigint>();
  private ticking: NodeJS.Timeout | undefined;

  constructor(private readonly parts: FeedParts) {
    const { store, registry, book, source, countsEvents } = parts;
    this.countsEvents = countsEvents;
    this.settings = { ...FEED_SETTINGS, ...parts.settings };
    this.offer = new FeedOffer(book.publications, registry);
    const onUntold = (untold: Untold): void => this.noteUntold(untold);
    const framing = new Framing({ registry, book, offer: this.offer, source, onUntold });
    const onFault = (error: unknown): void => {
      parts.log.warn({ event: 'the feed lost the log and follows it anew', error }, 'feed');
    };
    this.tail = new SharedTail({ store, framing, onFault, ...this.settings });
    const { mostCatchingUp: mostAtOnce, pageEvents } = this.settings;
    this.catchUp = new CatchUp({ store, framing, countsEvents, mostAtOnce, pageEvents });
  }

  /**
   * Sends server-sent events until the reader goes. Whatever keeps it from beginning is thrown before `begin` is called.
   * @param begin gives the response, with its head
   * @param mayStay whether the reader's key still lets it read
   * @throws DomainError `feed.position-ahead`, `feed.too-many`, `server.stopping`, and what the store throws
   */
  async stream(
    request: FeedRequest,
    begin: () => ServerResponse,
    mayStay: () => Promise<boolean>,
  ): Promise<void> {
    await this.within(async (tail) => {
      const leaving = new AbortController();
      const reader = await this.readerOf(tail, request, leaving.signal);
      // The server may have been told to stop while the log was asked.
      if (this.stopping.signal.aborted) throw serverStopping();
      const session = new SseSession({
        response: begin(),
        reader,
        settings: this.settings,
        mayStay,
        abort: () => leaving.abort(),
        events: {
          sent: (events) => (this.counts.sent += events),
          cutOff: () => (this.counts.cutOff += 1),
          failed: (error) => this.parts.log.error({ event: 'a feed broke off', error }, 'feed'),
        },
      });
      this.sessions.add(session);
      this.ticking ??= setInterval(() => this.tick(), this.tickMilliseconds).unref();
      const running = session.run();
      this.running.add(running);
      try {
        await running;
      } finally {
        this.sessions.delete(session);
        this.running.delete(running);
      }
    });
  }

  /**
   * What there is, at most `limit` events; where there is nothing, what comes within `wait` milliseconds.
   * @param gone aborts when the reader goes
   * @throws DomainError `feed.position-ahead`, `feed.too-many`, `server.stopping`, and what the store throws
   */
  poll(request: FeedRequest & { limit: number; wait: number }, gone: AbortSignal): Promise<Polled> {
    return this.within(async (tail) => {
      const signal = AbortSignal.any([gone, this.stopping.signal]);
      const reader = await this.readerOf(tail, request, signal);
      try {
        const patience = AbortSignal.any([signal, AbortSignal.timeout(request.wait)]);
        let frames = await collected(reader, request.limit);
        while (frames.length === 0 && !patience.aborted) {
          await reader.wait(patience);
          frames = await collected(reader, request.limit);
        }
        this.counts.sent += frames.length;
        return { frames, next: formatCursor(reader.cursor) };
      } finally {
        reader.rest();
      }
    });
  }

  /** What was counted, and how the readers of now stand. */
  figures(): FeedFigures {
    const now = Date.now();
    const lags = [...this.sessions].map((session) => session.lag(now));
    const { open, ...counted } = this.counts;
    return {
      ...counted,
      open: this.sessions.size,
      polls: open - this.sessions.size,
      catchingUp: this.catchUp.reading,
      queued: this.catchUp.waiting,
      lagPositions: Math.max(0, ...lags.map(({ positions }) => positions)),
      lagSeconds: Math.max(0, ...lags.map(({ seconds }) => seconds)),
    };
  }

  /** Ends all feeds with a word, and those that do not listen without. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearInterval(this.ticking);
    for (const session of this.sessions) session.end('the server stops; connect again with the last id');
    const patience = setTimeout(() => {
      for (const session of this.sessions) session.destroy();
    }, this.settings.closeMilliseconds);
    await Promise.allSettled(this.running);
    clearTimeout(patience);
    await this.tail.stop();
  }

  private async within<T>(read: (tail: LiveTail) => Promise<T>): Promise<T> {
    if (this.stopping.signal.aborted) throw serverStopping();
    if (this.counts.open >= this.settings.mostOpen) {
      this.counts.refused += 1;
      throw tooManyFeeds(this.settings.mostOpen);
    }
    this.counts.open += 1;
    try {
      return await this.tail.use(read);
    } finally {
      this.counts.open -= 1;
    }
  }

  private async readerOf(
    tail: LiveTail,
    { from, filter }: FeedRequest,
    signal: AbortSignal,
  ): Promise<FeedReader> {
    const start = from === 'now' ? behind((await this.parts.store.head()).position) : from;
    if (start.position > tail.position) {
      const { position: head } = await this.parts.store.head();
      if (start.position > head) throw positionAhead(start, head);
    }
    // A log whose positions are places knows only those that it gave out.
    if (!this.countsEvents && start.position > 0n && !tail.covers(start)) await this.look(start);
    return new FeedReader(tail, this.catchUp, filter, start, signal);
  }

  private async look({ position: after }: Cursor): Promise<void> {
    try {
      for await (const _page of this.parts.store.readAll({ after, pageSize: 1 })) return;
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw positionUnknown(after);
    }
  }

  private get tickMilliseconds(): number {
    const { heartbeatMilliseconds, stallMilliseconds, restMilliseconds, accessMilliseconds } = this.settings;
    const shortest = Math.min(heartbeatMilliseconds, stallMilliseconds, restMilliseconds, accessMilliseconds);
    return Math.min(LONGEST_TICK_MILLISECONDS, Math.max(LEAST_TICK_MILLISECONDS, shortest / 2));
  }

  private tick(): void {
    for (const session of this.sessions) session.tick();
    if (this.sessions.size > 0) return;
    clearInterval(this.ticking);
    this.ticking = undefined;
  }

  /** Once for each event, however many read it. */
  private noteUntold({ position, contract, reason }: Untold): void {
    if (this.known.has(position)) return;
    if (this.known.size >= MOST_REMEMBERED) this.known.clear();
    this.known.add(position);
    this.counts.untold += 1;
    const event = 'an event cannot be told; readers of the feed are told that it is missing';
    this.parts.log.error({ event, position: String(position), contract, reason }, 'feed');
  }
}

async function collected(reader: FeedReader, limit: number): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  let bytes = MOST_POLLED_BYTES;
  while (frames.length < limit && bytes > 0) {
    const batch = await reader.take({ frames: limit - frames.length, bytes });
    if (!batch) break;
    frames.push(...batch.frames);
    for (const { line } of batch.frames) bytes -= line.length;
  }
  return frames;
}
