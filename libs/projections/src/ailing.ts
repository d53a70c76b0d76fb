/** Folding a batch into a generation failed, for a reason that lies in that generation and not in the connection. */
export class GenerationFailed extends Error {
  override readonly name = 'GenerationFailed';

  constructor(
    readonly generation: string,
    override readonly cause: unknown,
  ) {
    super(`${generation}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

const LONGEST_MILLISECONDS = 60_000;

/** Waits that grow with every failure: nothing that stays broken is tried in a hot loop. */
export class Backoff {
  private failures = 0;

  /** @param shortest milliseconds to wait after the first failure */
  constructor(
    private readonly shortest: number,
    private readonly longest = LONGEST_MILLISECONDS,
  ) {}

  /** Counts a failure. @returns the milliseconds to wait before the next try */
  next(): number {
    const wait = Math.min(this.longest, this.shortest * 2 ** Math.min(this.failures, 20));
    this.failures += 1;
    return wait;
  }

  /** All went well: the next failure is the first one. */
  reset(): void {
    this.failures = 0;
  }
}

/** Generations into which nothing can be folded for now, and when each is to be tried again. */
export class Ailing {
  private readonly cases = new Map<string, { readonly backoff: Backoff; notBefore: number }>();

  /** @param shortest milliseconds to wait after the first failure */
  constructor(private readonly shortest: number) {}

  has(generation: string): boolean {
    return this.cases.has(generation);
  }

  /** Notes a failure. @returns the milliseconds until it is to be tried again */
  fail(generation: string): number {
    const known = this.cases.get(generation) ?? { backoff: new Backoff(this.shortest), notBefore: 0 };
    const wait = known.backoff.next();
    known.notBefore = performance.now() + wait;
    this.cases.set(generation, known);
    return wait;
  }

  /** Milliseconds that are left until a generation is to be tried again. */
  restOf(generation: string): number {
    return Math.max(0, (this.cases.get(generation)?.notBefore ?? 0) - performance.now());
  }

  /** It goes again. */
  heal(generation: string): void {
    this.cases.delete(generation);
  }
}
