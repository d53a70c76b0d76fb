import { setTimeout as pause } from 'node:timers/promises';
import type { EventStore } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { Cursor } from './cursor';
import { ALL, behind, compareCursors } from './cursor';
import type { FeedFilter } from './feed-filter';
import type { Batch, Frame, Most } from './frame';
import { batchOf } from './frame';
import type { Framing } from './framing';
import { Listeners } from './listeners';

/** What the tail is made of. */
export interface TailParts {
  readonly store: EventStore;
  readonly framing: Framing;
  readonly onFault: (error: unknown) => void;
  readonly tailBytes: number;
  readonly gatherMilliseconds: number;
}

const FIRST_PAUSE_MILLISECONDS = 100;
const LONGEST_PAUSE_MILLISECONDS = 5_000;
const MOST_BATCHES = 100;

/**
 * The latest messages, kept for all who read along: the log is followed once, and each event mapped once, however many
 * they are.
 */
export class LiveTail {
  private frames: Frame[] = [];
  /** Frames that were dropped in front of `frames`: the number of the first one in the order of all. */
  private first = 0;
  private bytes = 0;
  /** All messages behind this position, as far as was looked, are kept. */
  private floor = 0n;
  private looked = 0n;
  private readonly listeners = new Listeners();
  /** What many readers want at the same time, by their filter. */
  private readonly batches = new Map<
    string,
    { readonly from: number; readonly end: number; readonly batch: Batch }
  >();
  private gathering: NodeJS.Timeout | undefined;
  private announcedAt = -Infinity;
  private readonly stopping = new AbortController();
  private following: Promise<void> | undefined;

  constructor(private readonly parts: TailParts) {}

  /** Begins to follow the log from its end. @throws whatever the store does when it is away */
  async start(): Promise<void> {
    const { position } = await this.parts.store.head();
    this.floor = position;
    this.looked = position;
    this.following = this.follow();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.gathering);
    await this.following;
  }

  /** The last event that was seen. */
  get position(): bigint {
    return this.looked;
  }

  /** All readers know of everything that was seen. */
  get isAnnounced(): boolean {
    return this.listeners.isAnnounced;
  }

  /** Whether all messages behind a place are kept here. */
  covers({ position, index }: Cursor): boolean {
    return position > this.floor || (position === this.floor && index === ALL);
  }

  /** Messages behind a place, none when there are none yet; undefined where the place lies too far back. */
  read(from: Cursor, filter: FeedFilter, most: Most): Batch | undefined {
    if (!this.covers(from)) return undefined;
    const start = this.first + this.indexBehind(from);
    const end = this.first + this.frames.length;
    if (start === end) return batchOf([], behind(this.looked));
    const shared = most.frames === Infinity;
    const known = shared ? this.batches.get(filter.key) : undefined;
    if (known?.from === start && known.end === end) return known.batch;
    const batch = this.collect(start - this.first, filter, most);
    if (shared && batch.frames.length > 0) {
      if (this.batches.size >= MOST_BATCHES) this.batches.clear();
      this.batches.set(filter.key, { from: start, end, batch });
    }
    return batch;
  }

  /** The next message for a reader; undefined where there is none, or it is not kept here. */
  next(from: Cursor, filter: FeedFilter): Frame | undefined {
    if (!this.covers(from)) return undefined;
    for (let at = this.indexBehind(from); at < this.frames.length; at += 1) {
      const frame = this.frames[at];
      if (frame && filter.passes(frame.tells)) return frame;
    }
    return undefined;
  }

  /**
   * Resolves when there is something for a reader who has read all there is, with a place behind which it lies;
   * undefined when aborted.
   */
  wait(filter: FeedFilter, signal: AbortSignal): Promise<Cursor | undefined> {
    return this.listeners.wait(filter, signal);
  }

  private collect(start: number, filter: FeedFilter, most: Most): Batch {
    const found: Frame[] = [];
    let bytes = 0;
    let seen: Frame | undefined;
    for (let at = start; at < this.frames.length; at += 1) {
      const frame = this.frames[at];
      if (!frame) break;
      if (filter.passes(frame.tells)) {
        const isFull = found.length >= most.frames || (bytes > 0 && bytes + frame.sse.length > most.bytes);
        if (isFull && seen) return batchOf(found, seen.cursor);
        found.push(frame);
        bytes += frame.sse.length;
      }
      seen = frame;
    }
    return batchOf(found, behind(this.looked));
  }

  /** The first of `frames` that lies behind a place. */
  private indexBehind(from: Cursor): number {
    let low = 0;
    let high = this.frames.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const frame = this.frames[middle];
      if (frame && compareCursors(frame.cursor, from) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private async follow(): Promise<void> {
    const { signal } = this.stopping;
    let wait = FIRST_PAUSE_MILLISECONDS;
    while (!signal.aborted) {
      try {
        for await (const message of this.parts.store.subscribe({ after: this.looked, signal })) {
          wait = FIRST_PAUSE_MILLISECONDS;
          if (message.kind === 'events') this.take(message.events);
        }
      } catch (error) {
        if (!signal.aborted) this.parts.onFault(error);
      }
      await pause(wait, undefined, { signal }).catch(() => undefined);
      wait = Math.min(wait * 2, LONGEST_PAUSE_MILLISECONDS);
    }
  }

  private take(events: readonly RecordedEvent[]): void {
    const before = behind(this.looked);
    let isNew = false;
    for (const event of events) {
      for (const frame of this.parts.framing.of(event)) {
        this.frames.push(frame);
        this.bytes += frame.sse.length;
        isNew = true;
      }
      this.looked = event.position;
    }
    if (!isNew) return;
    this.listeners.note(before);
    this.shrink();
    this.announceSoon();
  }

  /** At once where nothing was announced a moment ago, so that a lone event does not wait; else with what else comes. */
  private announceSoon(): void {
    if (this.gathering) return;
    const rest = this.announcedAt + this.parts.gatherMilliseconds - performance.now();
    if (rest <= 0) this.announce();
    else this.gathering = setTimeout(() => this.announce(), rest);
  }

  private announce(): void {
    this.gathering = undefined;
    this.announcedAt = performance.now();
    this.listeners.announce((from, filter) => !this.covers(from) || this.next(from, filter) !== undefined);
  }

  /** Drops the oldest positions, each with all its messages. */
  private shrink(): void {
    let drop = 0;
    while (this.bytes > this.parts.tailBytes && drop < this.frames.length) {
      const position = this.frames[drop]?.cursor.position ?? this.looked;
      for (
        let frame = this.frames[drop];
        frame?.cursor.position === position;
        frame = this.frames[(drop += 1)]
      )
        this.bytes -= frame.sse.length;
      this.floor = position;
    }
    if (drop === 0) return;
    this.first += drop;
    this.frames = this.frames.slice(drop);
  }
}
