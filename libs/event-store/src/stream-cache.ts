import type { Decider } from '@guanxi/kernel';
import { LRUCache } from 'lru-cache';
import type { History } from './history';

const MOST_BYTES = 32_000_000;
/** A stream larger than this part of the whole would drive out too many others. */
const LARGEST_PART = 8;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- states and events are opaque here
type AnyDecider = Decider<any, any>;

interface Entry {
  readonly decider: AnyDecider;
  readonly history: History<unknown>;
}

/**
 * Streams that were folded lately, so that the usual command needs no reading. What is kept may be behind what other
 * processes wrote: an append at its revision is refused then, and whoever does not append looks again first.
 */
export class StreamCache {
  private readonly entries: LRUCache<string, Entry>;

  constructor(private readonly mostBytes = MOST_BYTES) {
    this.entries = new LRUCache({ maxSize: mostBytes, maxEntrySize: mostBytes / LARGEST_PART });
  }

  /** What is kept of a stream as this decider folds it. */
  get(stream: string, decider: AnyDecider): History<unknown> | undefined {
    const entry = this.entries.get(stream);
    return entry?.decider === decider ? entry.history : undefined;
  }

  /** Keeps a stream, or counts anew what one that is kept takes. */
  keep(stream: string, decider: AnyDecider, history: History<unknown>): void {
    this.entries.set(stream, { decider, history }, { size: history.size + stream.length + 200 });
  }

  forget(stream: string): void {
    this.entries.delete(stream);
  }

  /** Bytes that are taken, and may be. */
  get use(): { readonly bytes: number; readonly most: number; readonly streams: number } {
    return { bytes: this.entries.calculatedSize, most: this.mostBytes, streams: this.entries.size };
  }
}
