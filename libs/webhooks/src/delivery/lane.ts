import type { Outgoing } from './wanted';

/** Where a waiting key stands. */
export interface Head {
  readonly id: string;
  readonly revision: number;
  readonly part: number;
  readonly position: bigint;
  readonly attempts: number;
  /** Since when it has been failing; milliseconds since 1970. */
  readonly since: number;
}

/** One key's messages, on their way one after the other. */
export class Lane {
  /** Messages that may be sent; empty while the key waits. */
  readonly queue: { readonly message: Outgoing; readonly done: () => void }[] = [];
  /** The message for which the key waits. */
  head: Head | undefined;
  /** True when something of the key was left to its stream since that was read last. */
  hasMore = false;
  isBusy = false;
  /** True when the message for which it waits is to be tried. */
  isDue = false;
  timer: NodeJS.Timeout | undefined;

  constructor(readonly key: string) {}

  /** True when there is something to be sent now. */
  get hasWork(): boolean {
    return this.head ? this.isDue : this.queue.length > 0;
  }

  get isIdle(): boolean {
    return this.queue.length === 0 && this.head === undefined;
  }

  cancel(): void {
    clearTimeout(this.timer);
  }
}
