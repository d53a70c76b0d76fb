import type { EventStore } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { Cursor } from './cursor';
import { ALL, behind, compareCursors, later } from './cursor';
import type { FeedFilter } from './feed-filter';
import type { Framing } from './framing';
import type { Page } from './recent-pages';
import { RecentPages } from './recent-pages';

/** What readers who are behind read with. */
export interface CatchUpParts {
  readonly store: EventStore;
  readonly framing: Framing;
  /** Positions count events, so that the one before any can be named. */
  readonly countsEvents: boolean;
  readonly mostAtOnce: number;
  readonly pageEvents: number;
}

/** Pages after which a reader lets those in who wait. */
const PAGES_IN_A_ROW = 20;

/** Lets a few readers at a time read the log from where they stand; the others wait their turn. */
export class CatchUp {
  private free: number;
  private readonly queue: (() => void)[] = [];
  /** Many begin at the same place, above all at the beginning, and read the same pages one after the other. */
  readonly recent = new RecentPages();

  constructor(readonly parts: CatchUpParts) {
    this.free = parts.mostAtOnce;
  }

  /** Readers that wait. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Readers that read. */
  get reading(): number {
    return this.parts.mostAtOnce - this.free;
  }

  /**
   * A turn, once one is free; undefined when aborted before.
   * @param upTo a position that the log had reached before
   */
  async enter(
    from: Cursor,
    upTo: () => bigint,
    filter: FeedFilter,
    signal: AbortSignal,
  ): Promise<Turn | undefined> {
    if (this.free > 0) this.free -= 1;
    else if (!(await this.turn(signal))) return undefined;
    return new Turn(this, from, upTo(), filter);
  }

  /** Gives a place to the next one who waits. */
  leave(): void {
    const next = this.queue.shift();
    if (next) next();
    else this.free += 1;
    if (this.reading === 0) this.recent.clear();
  }

  private turn(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const enter = (): void => {
        signal.removeEventListener('abort', abort);
        resolve(true);
      };
      const abort = (): void => {
        this.queue.splice(this.queue.indexOf(enter), 1);
        resolve(false);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.queue.push(enter);
    });
  }
}

/** Reads the log page by page; to be ended. */
export class Turn {
  private pages: AsyncIterator<readonly RecordedEvent[]> | undefined;
  private read = 0;
  private ended = false;
  /** Behind this lies the next page. */
  private at: Cursor;
  /** How far is looked when there are no more pages. */
  readonly upTo: Cursor;

  constructor(
    private readonly place: CatchUp,
    from: Cursor,
    upTo: bigint,
    private readonly filter: FeedFilter,
  ) {
    this.at = from;
    this.upTo = behind(upTo);
  }

  /** The frames of the next page; undefined at the end. */
  async next(): Promise<Page | undefined> {
    const { recent } = this.place;
    const known = recent.find(this.filter, this.at);
    if (known) {
      this.close();
      this.read += 1;
      this.at = later(this.at, known.upTo);
      return known;
    }
    const from = this.at;
    this.pages ??= this.pagesBehind(from);
    const page = await this.pages.next();
    if (page.done === true) return undefined;
    const events = page.value;
    const last = events.at(-1);
    if (!last) return undefined;
    this.read += 1;
    const { framing, pageEvents } = this.place.parts;
    const frames = events
      .filter(({ position }) => position >= from.position)
      .flatMap((event) => framing.of(event))
      .filter(({ cursor, tells }) => compareCursors(cursor, from) > 0 && this.filter.passes(tells));
    const found = { frames, upTo: behind(last.position) };
    // One that is not full ends where the log ended: it would be read for less than what is there now.
    if (events.length === pageEvents) recent.keep(this.filter, from, found);
    // Looked for from the beginning of the log, it lies behind pages of which nothing is told.
    this.at = later(from, found.upTo);
    return found;
  }

  /** Others wait, and this one has had its share. */
  get isOver(): boolean {
    return this.read >= PAGES_IN_A_ROW && this.place.waiting > 0;
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.place.leave();
    this.close();
  }

  private pagesBehind({ position, index }: Cursor): AsyncIterator<readonly RecordedEvent[]> {
    const { store, countsEvents, pageEvents } = this.place.parts;
    // An event that was told in part is read again. Where the place before it has no number, from the beginning.
    const after = index === ALL ? position : countsEvents ? position - 1n : 0n;
    const filtered = { types: this.filter.storedTypes };
    return store.readAll({ after, filter: filtered, pageSize: pageEvents })[Symbol.asyncIterator]();
  }

  private close(): void {
    void this.pages?.return?.().catch(() => undefined);
    this.pages = undefined;
  }
}
