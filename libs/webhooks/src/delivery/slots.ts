interface Waiter {
  readonly owner: string;
  readonly enter: () => void;
}

/** So many may be at work at once; where one is done, the owner who has the fewest at work is next, in the order of all. */
export class Slots {
  private readonly waiting = new Set<Waiter>();
  private readonly atWork = new Map<string, number>();

  constructor(private free: number) {}

  /** Does the work when there is room; undefined where the signal came before there was. */
  async use<T>(owner: string, stop: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
    if (!(await this.enter(owner, stop))) return undefined;
    try {
      return await work();
    } finally {
      this.leave(owner);
    }
  }

  private enter(owner: string, stop: AbortSignal): Promise<boolean> {
    if (stop.aborted) return Promise.resolve(false);
    if (this.free > 0) {
      this.free -= 1;
      this.count(owner, 1);
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const abort = (): void => {
        this.waiting.delete(waiter);
        resolve(false);
      };
      const enter = (): void => {
        stop.removeEventListener('abort', abort);
        resolve(true);
      };
      const waiter = { owner, enter };
      stop.addEventListener('abort', abort, { once: true });
      this.waiting.add(waiter);
    });
  }

  private leave(owner: string): void {
    this.count(owner, -1);
    const next = this.next();
    if (!next) {
      this.free += 1;
      return;
    }
    this.waiting.delete(next);
    this.count(next.owner, 1);
    next.enter();
  }

  private next(): Waiter | undefined {
    let first: Waiter | undefined;
    let least = Infinity;
    for (const waiter of this.waiting) {
      const own = this.atWork.get(waiter.owner) ?? 0;
      if (own >= least) continue;
      first = waiter;
      least = own;
    }
    return first;
  }

  private count(owner: string, change: number): void {
    const now = (this.atWork.get(owner) ?? 0) + change;
    if (now === 0) this.atWork.delete(owner);
    else this.atWork.set(owner, now);
  }
}
