/** What can be seen of a worker from outside. */
export interface WorkerSign {
  readonly id: string;
  /** Counts up while the worker lives. */
  readonly beat: string;
  /** True while its session is in the database's list. */
  readonly present: boolean;
}

/**
 * Tells which workers are dead by looking at them again and again. Only time in which the looking worker itself was
 * awake counts against others: one that was halted for an hour wakes up knowing nothing about them.
 */
export class WorkerSigns {
  private readonly seen = new Map<string, { readonly beat: string; readonly stoodFor: number }>();
  private lookedAt: number | undefined;

  /**
   * @param patience milliseconds after which one whose beat stands still is dead
   * @param longestGap most milliseconds between two looks that count
   */
  constructor(
    private readonly patience: number,
    private readonly longestGap: number,
  ) {}

  /**
   * Takes in what is seen of the others. One that was seen before and has no session any more is gone; one that is seen
   * for the first time may be about to begin.
   * @param now of a steady clock of this process, never one that people or networks set
   * @returns those that must be dead, with the beat at which they stopped
   */
  look(workers: readonly WorkerSign[], now: number): readonly WorkerSign[] {
    const passed = this.lookedAt === undefined ? 0 : Math.min(now - this.lookedAt, this.longestGap);
    this.lookedAt = now;
    const living = new Set(workers.map(({ id }) => id));
    for (const id of this.seen.keys()) if (!living.has(id)) this.seen.delete(id);
    return workers.filter(({ id, beat, present }) => {
      const before = this.seen.get(id);
      const stoodFor = before?.beat === beat ? before.stoodFor + passed : 0;
      this.seen.set(id, { beat, stoodFor });
      return before?.beat === beat && (!present || stoodFor >= this.patience);
    });
  }

  /** Forgets what was seen: nothing of it counts for a worker that begins anew. */
  forget(): void {
    this.seen.clear();
    this.lookedAt = undefined;
  }
}
