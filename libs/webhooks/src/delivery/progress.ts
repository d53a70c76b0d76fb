interface Step {
  readonly position: bigint;
  pending: number;
}

/** How far a log is done with while many of its messages are under way at once: up to the first that is not. */
export class Progress {
  private readonly steps: Step[] = [];
  private done: bigint;

  constructor(position: bigint) {
    this.done = position;
  }

  /** Behind which everything is still to be done. */
  get position(): bigint {
    return this.done;
  }

  /** Steps that are kept because an earlier one is not done. */
  get size(): number {
    return this.steps.length;
  }

  /** Notes a place in the log with so many messages. @returns what is called once for each that is done with */
  add(position: bigint, messages: number): () => void {
    const step = { position, pending: messages };
    this.steps.push(step);
    this.settle();
    return () => {
      step.pending -= 1;
      this.settle();
    };
  }

  private settle(): void {
    let settled = 0;
    for (const { pending, position } of this.steps) {
      if (pending > 0) break;
      this.done = position;
      settled += 1;
    }
    if (settled > 0) this.steps.splice(0, settled);
  }
}
