import type { Instant } from '@guanxi/kernel';
import { LRUCache } from 'lru-cache';
import type { AnyReadModel } from './read-model';
import type { CurrentVersion } from './versions';
import { KeyVersions } from './versions';

interface Kept {
  readonly current: CurrentVersion;
  readonly lastAt: Instant;
}

/** As many rows as are worked on at a time in a busy year; some ten megabytes of a model with wide rows. */
const MOST_ROWS = 10_000;

/**
 * The rows of now that this worker wrote last: most events concern a key of which the one before came lately, whose row
 * need not be read again. What a batch wrote counts only when its transaction was committed; a shard that changes hands
 * begins with a new worker's empty memory.
 */
export class CurrentRows {
  private readonly kept = new LRUCache<string, Kept>({ max: MOST_ROWS });
  private readonly written = new Map<string, Kept>();
  private isOpen = false;

  constructor(private readonly model: AnyReadModel) {}

  /**
   * A batch begins. What became of one that was never committed is not known: then everything is read anew.
   * @param careful what this batch writes will not be noted
   */
  begin(careful: boolean): void {
    if (this.isOpen || careful) this.kept.clear();
    this.written.clear();
    this.isOpen = true;
  }

  /** The row of a key, ready to take further events; none when it must be read. */
  versionsOf(key: string): KeyVersions | undefined {
    const known = this.kept.get(key);
    return known && new KeyVersions(this.model, key, known.current, known.lastAt);
  }

  /** The row of a key may be changed by others. */
  forget(key: string): void {
    this.kept.delete(key);
  }

  /** Notes what the batch writes of keys. */
  note(versions: ReadonlyMap<string, KeyVersions>): void {
    for (const [key, { current, lastAt }] of versions) {
      if (current && lastAt) this.written.set(key, { current, lastAt });
      else this.kept.delete(key);
    }
  }

  /** The batch was committed. */
  commit(): void {
    for (const [key, row] of this.written) this.kept.set(key, row);
    this.written.clear();
    this.isOpen = false;
  }
}
