import { setTimeout as pause } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { isUnavailable } from '@guanxi/commanding';
import { DomainError } from '@guanxi/kernel';
import type { Cursor } from './cursor';
import { formatCursor } from './cursor';
import type { FeedReader, ReaderLag } from './feed-reader';
import type { FeedSettings } from './settings';

/** What became of a feed. */
export interface SessionEvents {
  readonly sent: (events: number) => void;
  readonly cutOff: () => void;
  readonly failed: (error: unknown) => void;
}

/** What a session works with. */
export interface SessionParts {
  readonly response: ServerResponse;
  readonly reader: FeedReader;
  readonly settings: FeedSettings;
  readonly events: SessionEvents;
  /** Ends everything that the reader waits for. */
  readonly abort: () => void;
  /** Whether the reader's key still lets it read. */
  readonly mayStay: () => Promise<boolean>;
}

/** What a connection that was given up may take to hear why. */
const LAST_WORD_MILLISECONDS = 5_000;
const AWAY_MILLISECONDS = 1_000;

/** One reader of server-sent events: as fast as it takes them, with comments in between. */
export class SseSession {
  private readonly response: ServerResponse;
  private readonly reader: FeedReader;
  private wroteAt = performance.now();
  private checkedAt = performance.now();
  private blockedAt: number | undefined;
  private resume: (() => void) | undefined;
  private isOver = false;

  constructor(private readonly parts: SessionParts) {
    this.response = parts.response;
    this.reader = parts.reader;
  }

  /** Runs until the reader goes, or `end`. */
  async run(): Promise<void> {
    const { response, settings } = this.parts;
    response.on('drain', () => this.drained());
    // What goes wrong with a connection ends in its close.
    response.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => {
      response.once('close', () => {
        this.finish();
        resolve();
      });
      if (response.destroyed) {
        this.finish();
        resolve();
      }
    });
    this.write(`retry: ${settings.retryMilliseconds}\n${this.mark()}`);
    try {
      await this.tell();
    } catch (error) {
      this.parts.events.failed(error);
      this.end('the feed cannot be read on; connect again with the last id');
    } finally {
      this.reader.rest();
    }
    await closed;
  }

  /** Looks after heartbeats, stalled readers and keys; to be called now and then. */
  tick(): void {
    if (this.isOver) return;
    const { settings, events } = this.parts;
    const now = performance.now();
    if (this.blockedAt !== undefined) {
      const waited = now - this.blockedAt;
      if (waited >= settings.restMilliseconds || this.reader.isInTheWay) this.reader.rest();
      if (waited >= settings.stallMilliseconds) {
        events.cutOff();
        const seconds = Math.round(settings.stallMilliseconds / 1_000);
        this.end(`cut off: nothing was taken for ${seconds} s; connect again with the last id to go on`);
      }
    } else if (now - this.wroteAt >= settings.heartbeatMilliseconds) {
      this.write(`: heartbeat\n${this.mark()}`);
    }
    if (now - this.checkedAt >= settings.accessMilliseconds) {
      this.checkedAt = now;
      void this.checkAccess();
    }
  }

  /** Says why and ends. A connection that does not take even that is closed. */
  end(reason: string): void {
    if (this.isOver) return;
    this.finish();
    this.response.end(`: ${reason}\n\n`);
    setTimeout(() => this.response.destroy(), LAST_WORD_MILLISECONDS).unref();
  }

  /** Closes the connection. */
  destroy(): void {
    this.finish();
    this.response.destroy();
  }

  /** @param now milliseconds since 1970 */
  lag(now: number): ReaderLag {
    return this.reader.lag(now);
  }

  private async tell(): Promise<void> {
    const { settings, events } = this.parts;
    const most = { frames: Infinity, bytes: settings.pieceBytes };
    for (;;) {
      const batch = await this.next(most);
      if (!batch || this.isOver) return;
      const isTaken = this.write(batch.sse());
      events.sent(batch.frames.length);
      if (!isTaken) await this.untilDrained();
    }
  }

  /** Who reads along waits with us for a database that is away; it hears that the feed lives. */
  private async next(most: Parameters<FeedReader['next']>[0]): ReturnType<FeedReader['next']> {
    for (;;) {
      try {
        return await this.reader.next(most);
      } catch (error) {
        if (!isAway(error)) throw error;
        await pause(AWAY_MILLISECONDS, undefined, { ref: false });
        if (this.isOver) return undefined;
      }
    }
  }

  /** An event without data moves the reader's last id and nothing else. */
  private mark(): string {
    return `id: ${formatCursor(this.cursor)}\n\n`;
  }

  private get cursor(): Cursor {
    return this.reader.cursor;
  }

  private write(text: string | Buffer): boolean {
    this.wroteAt = performance.now();
    return this.isOver || this.response.write(text);
  }

  private async untilDrained(): Promise<void> {
    if (this.isOver || !this.response.writableNeedDrain) return;
    this.blockedAt = performance.now();
    // A connection that has room in its buffers is blocked for a moment only: that is no reason to read a page again.
    const yielding = setTimeout(() => {
      if (this.reader.isInTheWay) this.reader.rest();
    }, this.parts.settings.yieldMilliseconds);
    await new Promise<void>((resolve) => {
      this.resume = resolve;
    });
    clearTimeout(yielding);
  }

  private drained(): void {
    this.blockedAt = undefined;
    this.resume?.();
  }

  private finish(): void {
    this.isOver = true;
    this.parts.abort();
    this.drained();
  }

  private async checkAccess(): Promise<void> {
    // A database that is away says nothing about keys.
    const mayStay = await this.parts.mayStay().catch(() => true);
    if (!mayStay) this.end('this key may no longer read the feed');
  }
}

const isAway = (error: unknown): boolean =>
  isUnavailable(error) ||
  (error instanceof DomainError && (error.kind === 'unavailable' || error.kind === 'overloaded'));
