const FIRST = 4_000;
const TIMES = 8;

/**
 * Tells when tables have grown so much that the planner should look at them again. The server's autovacuum comes by once
 * a minute; who imports a company and asks at once would be answered by plans for empty tables.
 */
export class Growth {
  private readonly seen = new Map<string, { events: number; next: number }>();

  /** Counts events that were folded into a generation. @returns true when it has grown eightfold since it last was */
  hasGrown(generation: string, events: number): boolean {
    const { events: before, next } = this.seen.get(generation) ?? { events: 0, next: FIRST };
    const now = before + events;
    const isDue = now >= next;
    this.seen.set(generation, { events: now, next: isDue ? now * TIMES : next });
    return isDue;
  }
}
