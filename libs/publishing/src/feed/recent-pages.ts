import type { Cursor } from './cursor';
import { ALL, formatCursor } from './cursor';
import type { FeedFilter } from './feed-filter';
import type { Frame } from './frame';

/** A piece of the log as a reader wants it. */
export interface Page {
  readonly frames: readonly Frame[];
  /** Everything up to here is in it, or is not wanted. */
  readonly upTo: Cursor;
}

const MOST_BYTES = 8_000_000;
const MOST_PAGES = 200;

/** Pages of the log that were read a moment ago, by what was wanted and from where; what is older goes first. */
export class RecentPages {
  private readonly pages = new Map<string, { readonly page: Page; readonly bytes: number }>();
  private bytes = 0;

  /** The page behind a place, if it was read a moment ago. */
  find(filter: FeedFilter, after: Cursor): Page | undefined {
    const key = keyOf(filter, after);
    const known = after.index === ALL ? this.pages.get(key) : undefined;
    if (!known) return undefined;
    this.pages.delete(key);
    this.pages.set(key, known);
    return known.page;
  }

  /** @param page must not change any more: that of a log to which nothing is added before its end */
  keep(filter: FeedFilter, after: Cursor, page: Page): void {
    const bytes = page.frames.reduce((sum, { sse }) => sum + sse.length, 0);
    // Behind a part of an event lies one page at its end, or many where that event is looked for: not worth it.
    if (bytes > MOST_BYTES || after.index !== ALL) return;
    this.drop(keyOf(filter, after));
    this.pages.set(keyOf(filter, after), { page, bytes });
    this.bytes += bytes;
    for (const key of this.pages.keys()) {
      if (this.bytes <= MOST_BYTES && this.pages.size <= MOST_PAGES) return;
      this.drop(key);
    }
  }

  clear(): void {
    this.pages.clear();
    this.bytes = 0;
  }

  private drop(key: string): void {
    this.bytes -= this.pages.get(key)?.bytes ?? 0;
    this.pages.delete(key);
  }
}

const keyOf = ({ key }: FeedFilter, after: Cursor): string => `${formatCursor(after)} ${key}`;
