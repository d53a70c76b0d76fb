import type { EventStore } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { Cursor } from './cursor';
import { ALL, behind, compareCursors } from './cursor';
import type { FeedFilter } from './feed-filter';
import type { Frame } from './frame';
import type { Framing } from './framing';

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
  private readonly pages: AsyncIterator<readonly RecordedEvent[]>;
  private read = 0;
  private ended = false;
  /** How far is looked when there are no more pages. */
  readonly upTo: Cursor;

  constructor(
    private readonly place: CatchUp,
    private readonly from: Cursor,
    upTo: bigint,
    private readonly filter: FeedFilter,
  ) {
    const { store, countsEvents, pageEvents } = place.parts;
    this.upTo = behind(upTo);
    const { position, index } = from;
    // An event that was told in part is read again. Where the place before it has no number, from the beginning.
    const after = index === ALL ? position : countsEvents ? position - 1n : 0n;
    const filtered = { types: filter.storedTypes };
    this.pages = store.readAll({ after, filter: filtered, pageSize: pageEvents })[Symbol.asyncIterator]();
  }

  /** The frames of the next page; undefined at the end. */
  async next(): Promise<{ readonly frames: readonly Frame[]; readonly upTo: Cursor } | undefined> {
    const page = await this.pages.next();
    if (page.done === true) return undefined;
    const events = page.value;
    const last = events.at(-1);
    if (!last) return undefined;
    this.read += 1;
    const { framing } = this.place.parts;
    const frames = events
      .filter(({ position }) => position >= this.from.position)
      .flatMap((event) => framing.of(event))
      .filter(({ cursor, tells }) => compareCursors(cursor, this.from) > 0 && this.filter.passes(tells));
    return { frames, upTo: behind(last.position) };
  }

  /** Others wait, and this one has had its share. */
  get isOver(): boolean {
    return this.read >= PAGES_IN_A_ROW && this.place.waiting > 0;
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.place.leave();
    void this.pages.return?.().catch(() => undefined);
  }
}
