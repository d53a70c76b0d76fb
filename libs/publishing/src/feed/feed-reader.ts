import type { CatchUp, Turn } from './catch-up';
import type { Cursor } from './cursor';
import { behind, later } from './cursor';
import type { FeedFilter } from './feed-filter';
import type { Batch, Frame, Most } from './frame';
import { batchOf } from './frame';
import type { LiveTail } from './live-tail';

/** How far behind a reader is. */
export interface ReaderLag {
  readonly positions: number;
  readonly seconds: number;
}

/**
 * One reader's way through the feed: pages of the log while it is behind, then what all read along. What was handed out
 * counts as told. Pulled: nothing is read ahead, and a page is held only while it is handed out.
 */
export class FeedReader {
  private page: readonly Frame[] = [];
  private pageEnd: Cursor | undefined;
  private turn: Turn | undefined;
  private isIdle = false;
  private toldAt: number | undefined;
  private place: Cursor;

  constructor(
    private readonly tail: LiveTail,
    private readonly catchUp: CatchUp,
    readonly filter: FeedFilter,
    from: Cursor,
    private readonly signal: AbortSignal,
  ) {
    this.place = from;
  }

  /** Everything up to here was handed out, or is not wanted. */
  get cursor(): Cursor {
    return this.isUpToDate ? later(this.place, behind(this.tail.position)) : this.place;
  }

  /** What is there, at most so much; undefined at the end, or when aborted. @throws whatever the store does */
  async take(most: Most): Promise<Batch | undefined> {
    while (!this.signal.aborted) {
      const batch = this.fromPage(most) ?? this.fromTail(most);
      if (batch === 'end') return undefined;
      if (batch) {
        this.toldAt = batch.frames.at(-1)?.recordedAt;
        return batch;
      }
      await this.readPage();
    }
    this.rest();
    return undefined;
  }

  /** As `take`, but waits for something to come; undefined when aborted. @throws whatever the store does */
  async next(most: Most): Promise<Batch | undefined> {
    while (!this.signal.aborted) {
      const batch = await this.take(most);
      if (batch) return batch;
      await this.wait(this.signal);
    }
    return undefined;
  }

  /** Resolves when something has come for a reader at the end, or when aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    if (this.signal.aborted) return;
    this.isIdle = true;
    const from = await this.tail.wait(this.filter, signal);
    this.isIdle = false;
    if (from) this.place = later(this.place, from);
  }

  /** Lets go of what is held for a reader that takes nothing: it is read again when it is wanted. */
  rest(): void {
    this.page = [];
    this.pageEnd = undefined;
    this.turn?.end();
    this.turn = undefined;
  }

  /** It reads the log while others wait for their turn. */
  get isInTheWay(): boolean {
    return this.turn !== undefined && this.catchUp.waiting > 0;
  }

  /** @param now milliseconds since 1970 */
  lag(now: number): ReaderLag {
    if (this.isUpToDate) return { positions: 0, seconds: 0 };
    const next = this.page[0] ?? this.tail.next(this.place, this.filter);
    if (!next && this.tail.covers(this.place)) return { positions: 0, seconds: 0 };
    const since = next?.recordedAt ?? this.toldAt ?? now;
    const positions = this.tail.position - this.place.position;
    return {
      positions: positions > 0n ? Number(positions) : 0,
      seconds: Math.max(0, (now - since) / 1_000),
    };
  }

  /** It sleeps, and nothing was seen for which it would be woken. */
  private get isUpToDate(): boolean {
    return this.isIdle && this.tail.isAnnounced;
  }

  private fromPage({ frames, bytes }: Most): Batch | undefined {
    if (!this.pageEnd) return undefined;
    let count = 0;
    let size = 0;
    for (const { sse } of this.page) {
      if (count > 0 && (count >= frames || size + sse.length > bytes)) break;
      count += 1;
      size += sse.length;
    }
    const taken = this.page.slice(0, count);
    const isWhole = count === this.page.length;
    const upTo = isWhole ? this.pageEnd : (taken.at(-1)?.cursor ?? this.place);
    this.page = this.page.slice(count);
    if (isWhole) this.pageEnd = undefined;
    this.place = later(this.place, upTo);
    return taken.length === 0 ? undefined : batchOf(taken, upTo);
  }

  private fromTail(most: Most): Batch | 'end' | undefined {
    const batch = this.tail.read(this.place, this.filter, most);
    if (!batch) return undefined;
    this.rest();
    this.place = later(this.place, batch.upTo);
    return batch.frames.length === 0 ? 'end' : batch;
  }

  private async readPage(): Promise<void> {
    this.turn ??= await this.catchUp.enter(this.place, () => this.tail.position, this.filter, this.signal);
    const { turn } = this;
    if (!turn) return;
    try {
      const page = await turn.next();
      // Somebody may have let go of it in the meantime: then it is read again.
      if (this.turn !== turn) return;
      if (page) {
        this.page = page.frames;
        this.pageEnd = page.upTo;
      } else this.place = later(this.place, turn.upTo);
      if (!page || turn.isOver) this.endTurn();
    } catch (error) {
      this.endTurn();
      throw error;
    }
  }

  private endTurn(): void {
    this.turn?.end();
    this.turn = undefined;
  }
}
