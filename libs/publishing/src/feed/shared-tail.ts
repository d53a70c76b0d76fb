import type { TailParts } from './live-tail';
import { LiveTail } from './live-tail';

/** One tail for all readers of the process; it follows the log only while somebody reads, and a while longer. */
export class SharedTail {
  private users = 0;
  private tail: Promise<LiveTail> | undefined;
  private lingering: NodeJS.Timeout | undefined;

  constructor(private readonly parts: TailParts & { readonly lingerMilliseconds: number }) {}

  /** Lends the tail. @throws whatever the store does when it is away */
  async use<T>(work: (tail: LiveTail) => Promise<T>): Promise<T> {
    this.users += 1;
    clearTimeout(this.lingering);
    try {
      this.tail ??= this.started();
      return await work(await this.tail);
    } finally {
      this.users -= 1;
      if (this.users === 0) this.linger();
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.lingering);
    const { tail } = this;
    this.tail = undefined;
    // One that did not start has told so to who wanted it.
    await tail?.then(
      (started) => started.stop(),
      () => undefined,
    );
  }

  private async started(): Promise<LiveTail> {
    const tail = new LiveTail(this.parts);
    try {
      await tail.start();
      return tail;
    } catch (error) {
      this.tail = undefined;
      throw error;
    }
  }

  private linger(): void {
    this.lingering = setTimeout(() => void this.stop(), this.parts.lingerMilliseconds).unref();
  }
}
