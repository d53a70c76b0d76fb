import type { Appended } from '@guanxi/event-store';
import { overloaded } from '@guanxi/event-store';
import type { PendingAppend } from './pending-append';

/** An append with those who wait for its outcome. */
export interface Waiting extends PendingAppend {
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/** What goes into one transaction, and the streams that it writes to. */
export interface Group {
  readonly appends: readonly Waiting[];
  readonly streams: ReadonlySet<string>;
}

/** Larger groups win nothing more per append and keep the first of them waiting. */
export interface QueueLimits {
  readonly groupAppends: number;
  readonly groupBytes: number;
  readonly bytes: number;
  /** Appends of one stream: a stream that everybody writes to must not take the place of all others. */
  readonly appendsOfStream: number;
}

export const QUEUE_LIMITS: QueueLimits = {
  groupAppends: 128,
  groupBytes: 2_000_000,
  bytes: 64_000_000,
  appendsOfStream: 1_000,
};

/** Streams of the groups that are under way, a set for each. */
export type BusyStreams = Iterable<ReadonlySet<string>>;

/**
 * Appends that wait for the next group, oldest first; bounded in all and for each stream.
 *
 * No set or map lives on from group to group here: of one that is filled and emptied all the time each outgrown table
 * points to its successor, so that the garbage collector carries all of them along.
 */
export class AppendQueue {
  private waiting: Waiting[] = [];
  private bytes = 0;
  /** Appends of each stream; only while so many wait that one stream may have too many. */
  private ofStream: Map<string, number> | undefined;

  constructor(private readonly limits: QueueLimits = QUEUE_LIMITS) {}

  get length(): number {
    return this.waiting.length;
  }

  /** @throws DomainError `event-store.overloaded` when too much waits already, in all or for a stream */
  add(append: Waiting): void {
    const { bytes, appendsOfStream } = this.limits;
    if (this.bytes + append.bytes > bytes && this.length > 0)
      throw overloaded('too many appends wait; try again');
    if (this.length >= appendsOfStream) this.checkStreams(append);
    this.waiting.push(append);
    this.bytes += append.bytes;
  }

  /**
   * Takes the oldest appends that fit into a group. Appends to one stream never share one, so that each is checked
   * against what the one before it left; what must wait keeps its order.
   * @param most appends, no more than a group may have
   * @param busy streams to which something is under way
   */
  take(most = this.limits.groupAppends, busy: BusyStreams = []): Group {
    const { groupBytes } = this.limits;
    const groupAppends = Math.min(most, this.limits.groupAppends);
    const under = [...busy];
    const appends: Waiting[] = [];
    const left: Waiting[] = [];
    const streams = new Set<string>();
    const passedOver = new Set<string>();
    let bytes = 0;
    let looked = 0;
    const isTaken = (stream: string): boolean =>
      streams.has(stream) || passedOver.has(stream) || under.some((others) => others.has(stream));
    for (const append of this.waiting) {
      if (appends.length >= groupAppends || (appends.length > 0 && bytes + append.bytes > groupBytes)) break;
      looked += 1;
      const isFree = !append.writes.some(({ stream }) => isTaken(stream));
      for (const { stream } of append.writes) (isFree ? streams : passedOver).add(stream);
      if (!isFree) {
        left.push(append);
        continue;
      }
      appends.push(append);
      bytes += append.bytes;
    }
    this.waiting = left.concat(this.waiting.slice(looked));
    this.bytes -= bytes;
    this.leave(appends);
    return { appends, streams };
  }

  private checkStreams({ writes }: Waiting): void {
    this.ofStream ??= countsOf(this.waiting);
    for (const { stream } of writes) {
      if ((this.ofStream.get(stream) ?? 0) >= this.limits.appendsOfStream)
        throw overloaded(`too many appends wait for stream ${stream}; try again`, { stream });
    }
    for (const { stream } of writes) this.ofStream.set(stream, (this.ofStream.get(stream) ?? 0) + 1);
  }

  private leave(appends: readonly Waiting[]): void {
    if (this.length < this.limits.appendsOfStream) this.ofStream = undefined;
    const counts = this.ofStream;
    if (!counts) return;
    for (const { writes } of appends)
      for (const { stream } of writes) {
        const count = (counts.get(stream) ?? 0) - 1;
        if (count > 0) counts.set(stream, count);
        else counts.delete(stream);
      }
  }
}

function countsOf(waiting: readonly Waiting[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { writes } of waiting)
    for (const { stream } of writes) counts.set(stream, (counts.get(stream) ?? 0) + 1);
  return counts;
}
