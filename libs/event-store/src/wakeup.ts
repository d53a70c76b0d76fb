/** Lets readers wait until something may have been written; a poll interval backs up a lost signal. */
export class Wakeup {
  private waiting = new Set<() => void>();
  private signals = 0;

  /** Wakes everybody who waits now. */
  signal(): void {
    this.signals += 1;
    const woken = this.waiting;
    this.waiting = new Set();
    for (const wake of woken) wake();
  }

  /** A number that changes with every signal: take it before looking, hand it to `wait` after. */
  get ticket(): number {
    return this.signals;
  }

  /** Resolves at the next signal, at once if one came since `ticket`, after `milliseconds`, or when aborted. */
  async wait(ticket: number, milliseconds: number, abort: AbortSignal): Promise<void> {
    if (ticket !== this.signals || abort.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        abort.removeEventListener('abort', done);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      abort.addEventListener('abort', done, { once: true });
      this.waiting.add(done);
    });
  }
}
