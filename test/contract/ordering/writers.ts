import { randomUUID } from 'node:crypto';
import type { ExpectedRevision, NewEvent, StreamWrite } from '@guanxi/event-store';
import { WrongExpectedRevision } from '@guanxi/event-store';
import { someEvent, someMetadata } from '../event-store/kit';
import type { OrderedStore } from './candidate';
import type { Attempt } from './observations';

/** Streams that all writers write to: few, so that they meet. */
const SHARED = 4;

/** Sends one append and notes what became of it. @throws Error for any answer that is no answer to an append */
export async function attempt(
  store: OrderedStore,
  writer: string,
  writes: readonly StreamWrite[],
): Promise<Attempt> {
  const told = {
    writer,
    writes: writes.map(({ stream, events }) => ({ stream, ids: events.map(({ id }) => id) })),
    contended: writes.some(({ stream, expected }) => !stream.startsWith('own-') && expected !== 'any'),
  };
  try {
    return { ...told, appended: await store.append(writes, someMetadata()) };
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
    return { ...told, appended: undefined, found: { stream: error.stream, revision: error.actual } };
  }
}

/** Writers in one process, who all use one store. */
export class Writers {
  private tellHalf: (position: bigint) => void = () => undefined;
  private readonly half = new Promise<bigint>((resolve) => (this.tellHalf = resolve));

  constructor(
    private readonly store: OrderedStore,
    private readonly writers: number,
    private readonly appends: number,
  ) {}

  /** A position that was acknowledged when a writer had sent half of what it has to send. */
  reachesHalf(): Promise<bigint> {
    return this.half;
  }

  async write(): Promise<readonly Attempt[]> {
    const done = Array.from({ length: this.writers }, (_, index) => this.writeAlone(index));
    return (await Promise.all(done)).flat();
  }

  private async writeAlone(index: number): Promise<readonly Attempt[]> {
    const writer = `writer-${randomUUID()}`;
    const plan = new Plan(writer);
    const attempts: Attempt[] = [];
    for (let n = 0; n < this.appends; n += 1) {
      const made = await attempt(this.store, writer, plan.writes(n + index));
      plan.learn(made);
      attempts.push(made);
      if (made.appended && n * 2 >= this.appends) this.tellHalf(made.appended.position);
    }
    return attempts;
  }
}

/**
 * What one writer sends: to its own stream, to shared ones, and to both at once. Neighbours are a step apart, so that
 * they meet in some groups of appends and share others.
 */
class Plan {
  private readonly own: string;
  private readonly known = new Map<string, number>();

  constructor(private readonly writer: string) {
    this.own = `own-${writer}`;
  }

  writes(n: number): readonly StreamWrite[] {
    const shared = `shared-${Math.floor(n / 3) % SHARED}`;
    // Of these everybody expects a revision, and few get it.
    const hot = `hot-${Math.floor(n / 4) % SHARED}`;
    switch (n % 4) {
      case 0:
        return [{ stream: this.own, expected: this.expected(this.own), events: this.events(n, 2) }];
      case 1:
        return [{ stream: shared, expected: 'any', events: this.events(n, 1) }];
      case 2:
        return [{ stream: hot, expected: this.expected(hot), events: this.events(n, 1) }];
      default:
        return [
          { stream: this.own, expected: this.expected(this.own), events: this.events(n, 1) },
          { stream: shared, expected: 'any', events: this.events(n, 2) },
        ];
    }
  }

  /** Where streams end, as far as the answer says so. */
  learn({ appended, found }: Attempt): void {
    for (const { stream, revision } of appended?.streams ?? []) this.known.set(stream, revision);
    if (found) this.known.set(found.stream, found.revision);
  }

  private expected(stream: string): ExpectedRevision {
    const revision = this.known.get(stream) ?? -1;
    return revision < 0 ? 'new' : revision;
  }

  private events(n: number, count: number): NewEvent[] {
    return Array.from({ length: count }, () => someEvent(n, `written-by-${this.writer}.v1`));
  }
}
