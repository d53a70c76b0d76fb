import type { Appended } from '@guanxi/event-store';
import { overloaded } from '@guanxi/event-store';
import type { PendingAppend } from './pending-append';

/** An append with those who wait for its outcome. */
export interface Waiting extends PendingAppend {
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
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

const NO_STREAMS: ReadonlySet<string> = new Set();

/** Appends that wait for the next group, oldest first; bounded in all and for each stream. */
export class AppendQueue {
  private waiting: Waiting[] = [];
  private bytes = 0;
  private readonly ofStream = new Map<string, number>();

  constructor(private readonly limits: QueueLimits = QUEUE_LIMITS) {}

  get length(): number {
    return this.waiting.length;
  }

  /** @throws DomainError `event-store.overloaded` when too much waits already, in all or for a stream */
  add(append: Waiting): void {
    if (this.bytes + append.bytes > this.limits.bytes && this.length > 0)
      throw overloaded('too many appends wait; try again');
    for (const { stream } of append.writes) {
      if ((this.ofStream.get(stream) ?? 0) >= this.limits.appendsOfStream)
        throw overloaded(`too many appends wait for stream ${stream}; try again`, { stream });
    }
    this.waiting.push(append);
    this.bytes += append.bytes;
    for (const { stream } of append.writes) this.ofStream.set(stream, (this.ofStream.get(stream) ?? 0) + 1);
  }

  /**
   * Takes the oldest appends that fit into a group. Appends to one stream never share one, so that each is checked
   * against what the one before it left; what must wait keeps its order.
   * @param most appends, no more than a group may have
   * @param busy streams to which something is under way
   */
  take(most = this.limits.groupAppends, busy: ReadonlySet<string> = NO_STREAMS): readonly Waiting[] {
    const { groupBytes } = this.limits;
    const groupAppends = Math.min(most, this.limits.groupAppends);
    const group: Waiting[] = [];
    const left: Waiting[] = [];
    const streams = new Set(busy);
    let bytes = 0;
    let looked = 0;
    for (const append of this.waiting) {
      if (group.length >= groupAppends || (group.length > 0 && bytes + append.bytes > groupBytes)) break;
      looked += 1;
      const free = append.writes.every(({ stream }) => !streams.has(stream));
      for (const { stream } of append.writes) streams.add(stream);
      if (!free) {
        left.push(append);
        continue;
      }
      group.push(append);
      bytes += append.bytes;
    }
    this.waiting = left.concat(this.waiting.slice(looked));
    this.bytes -= bytes;
    for (const { writes } of group) for (const { stream } of writes) this.leave(stream);
    return group;
  }

  private leave(stream: string): void {
    const count = (this.ofStream.get(stream) ?? 0) - 1;
    if (count > 0) this.ofStream.set(stream, count);
    else this.ofStream.delete(stream);
  }
}
