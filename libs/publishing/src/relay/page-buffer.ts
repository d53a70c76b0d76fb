import type { Mapped } from './mapping';

/** What was read of the log and mapped: public events up to a position. */
export interface MappedPage {
  readonly events: readonly Mapped[];
  /** How far was looked. */
  readonly position: bigint;
  /** True when nothing more of the log is wanted behind it. */
  readonly last?: boolean;
}

/** How much may wait, and how much may go in one transaction. */
export interface PageLimits {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * Between the reader of the log and the one who publishes: what comes in while a transaction is under way makes the
 * next one, so that transactions are small when little happens and large when there is much to catch up.
 */
export class PageBuffer {
  private events: Mapped[] = [];
  private messages = 0;
  private bytes = 0;
  private reached: bigint;
  private ended = false;
  private failure: { readonly error: unknown } | undefined;
  private wake: (() => void) | undefined;
  private hasRoom: (() => void) | undefined;

  constructor(
    after: bigint,
    private readonly limits: PageLimits,
  ) {
    this.reached = after;
  }

  /** Takes a page in. */
  put({ events, position, last }: MappedPage): void {
    for (const event of events) {
      this.events.push(event);
      this.messages += event.messages.length;
      this.bytes += event.bytes;
    }
    this.reached = position;
    if (last) this.ended = true;
    this.wakeUp();
  }

  /** The reader has failed; who takes learns of it. */
  fail(error: unknown): void {
    this.failure = { error };
    this.wakeUp();
  }

  /** Resolves when less waits than one transaction may hold. */
  async room(): Promise<void> {
    if (this.messages < this.limits.messages && this.bytes < this.limits.bytes) return;
    await new Promise<void>((resolve) => {
      this.hasRoom = resolve;
    });
    this.hasRoom = undefined;
  }

  /** Nobody takes any more: the reader must not wait for it. */
  close(): void {
    this.messages = 0;
    this.bytes = 0;
    this.hasRoom?.();
  }

  /** How far the log was read. */
  get position(): bigint {
    return this.reached;
  }

  get empty(): boolean {
    return this.events.length === 0;
  }

  /** Whether nothing more comes. @throws what the reader failed with */
  get over(): boolean {
    if (this.failure) throw this.failure.error;
    return this.ended && this.empty;
  }

  /**
   * As many events as a transaction may hold, at least one.
   * @param most events at most
   * @throws what the reader failed with
   */
  take(most = Infinity): MappedPage {
    if (this.failure) throw this.failure.error;
    let messages = 0;
    let bytes = 0;
    let count = 0;
    for (const next of this.events) {
      const more = messages + next.messages.length;
      const size = bytes + next.bytes;
      if (count > 0 && (count >= most || more > this.limits.messages || size > this.limits.bytes)) break;
      messages = more;
      bytes = size;
      count += 1;
    }
    const events = this.events.slice(0, count);
    this.events = this.events.slice(count);
    this.messages -= messages;
    this.bytes -= bytes;
    this.hasRoom?.();
    return { events, position: this.empty ? this.reached : (events.at(-1)?.position ?? this.reached) };
  }

  /** Tells the one who waits that there is something to do that did not come out of the log. */
  wakeUp(): void {
    const { wake } = this;
    this.wake = undefined;
    wake?.();
  }

  /** Resolves when a page was put, the reader failed, somebody woke it, or after some milliseconds. */
  async wait(milliseconds: number): Promise<void> {
    if (this.failure || this.ended) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
  }
}
