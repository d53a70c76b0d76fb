import type { Cursor } from './cursor';
import type { FeedFilter } from './feed-filter';

type Wake = (from: Cursor | undefined) => void;

interface Group {
  readonly filter: FeedFilter;
  readonly waiting: Set<Wake>;
}

/** Readers that have read all there is, grouped by what they want: who wants nothing of what comes sleeps on. */
export class Listeners {
  private readonly groups = new Map<string, Group>();
  /** Behind this lies what was not announced yet. */
  private noted: Cursor | undefined;

  /** Resolves with a place behind which there is something; undefined when aborted. */
  wait(filter: FeedFilter, signal: AbortSignal): Promise<Cursor | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const group = this.groups.get(filter.key) ?? { filter, waiting: new Set() };
      this.groups.set(filter.key, group);
      const wake = (from: Cursor | undefined): void => {
        signal.removeEventListener('abort', abort);
        resolve(from);
      };
      const abort = (): void => {
        group.waiting.delete(wake);
        if (group.waiting.size === 0 && this.groups.get(filter.key) === group) this.groups.delete(filter.key);
        resolve(undefined);
      };
      signal.addEventListener('abort', abort, { once: true });
      group.waiting.add(wake);
    });
  }

  /** Nothing was noted that was not announced. */
  get isAnnounced(): boolean {
    return this.noted === undefined;
  }

  /** Something new lies behind this place. */
  note(from: Cursor): void {
    this.noted ??= from;
  }

  /** Wakes those for whom there is something in what was noted. */
  announce(isWanted: (from: Cursor, filter: FeedFilter) => boolean): void {
    const from = this.noted;
    this.noted = undefined;
    if (!from) return;
    for (const [key, { filter, waiting }] of [...this.groups]) {
      if (!isWanted(from, filter)) continue;
      this.groups.delete(key);
      for (const wake of waiting) wake(from);
    }
  }
}
