import type { Appended, StreamWrite } from '@guanxi/event-store';
import { WrongExpectedRevision, isRepeatable } from '@guanxi/event-store';
import type { EventMetadata } from '@guanxi/kernel';
import type { Pool } from 'pg';
import { pendingAppend } from './pending-append';
import type { Group, QueueLimits, Waiting } from './append-queue';
import { AppendQueue } from './append-queue';
import type { WriteOutcome } from './group-writer';
import { GroupWriter } from './group-writer';
import type { AppendObserver } from './observer';
import type { RecentEvents } from './recent-events';
import { storeErrorOf } from './store-error';

/** Groups under way: while one is being committed the next one waits at the append lock, and neither side for the other. */
const LANES = 2;
/** A second group must be worth a statement of its own. */
const LEAST_BESIDE = 32;

/** A group on its way to the database. */
interface UnderWay {
  readonly streams: ReadonlySet<string>;
  readonly written: Promise<void>;
}

/**
 * Group append: what arrives while commits are on their way goes into the next transaction, so that the append lock
 * and the flush to disk are paid for once a group. Two groups are under way at most, never with a stream in common, so
 * that appends to one stream keep their order.
 */
export class AppendPipeline {
  private readonly queue: AppendQueue;
  private readonly writer: GroupWriter;
  private underWay: readonly UnderWay[] = [];
  private readonly settling = new Set<Promise<void>>();
  private scheduled = false;

  constructor(
    pool: Pool,
    private readonly recent: RecentEvents,
    private readonly observer?: AppendObserver,
    limits?: QueueLimits,
  ) {
    this.queue = new AppendQueue(limits);
    this.writer = new GroupWriter(pool);
  }

  /**
   * @throws WrongExpectedRevision; DomainError `event-store.overloaded` when too much waits already,
   * `event-store.unavailable` when it cannot be known what became of it
   */
  append(writes: readonly StreamWrite[], metadata: EventMetadata): Promise<Appended> {
    const { metadataText, data, bytes } = pendingAppend(writes, metadata);
    return new Promise((resolve, reject) => {
      // Named one by one: an object made by spreading takes several times the room and time.
      this.queue.add({ writes, metadata, metadataText, data, bytes, resolve, reject });
      this.schedule();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  async drained(): Promise<void> {
    while (this.underWay.length + this.settling.size + this.queue.length > 0) {
      await Promise.all([...this.underWay.map(({ written }) => written), ...this.settling]);
      await Promise.resolve();
    }
  }

  /** Appends that are started together go together. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.dispatch();
    });
  }

  private dispatch(): void {
    while (this.underWay.length < LANES && this.queue.length > 0) {
      const isAlone = this.underWay.length === 0;
      if (!isAlone && this.queue.length < LEAST_BESIDE) return;
      // Halves, so that one is written while the callers of the other are answered and come again.
      const half = Math.ceil(this.queue.length / 2);
      const busy = this.underWay.map(({ streams }) => streams);
      const group = this.queue.take(isAlone && half >= LEAST_BESIDE ? half : undefined, busy);
      if (group.appends.length === 0) return;
      this.start(group);
    }
  }

  private start({ appends, streams }: Group): void {
    const written = this.carryOut(appends).finally(() => {
      this.underWay = this.underWay.filter((group) => group.streams !== streams);
      this.schedule();
    });
    this.underWay = [...this.underWay, { streams, written }];
  }

  private async carryOut(group: readonly Waiting[]): Promise<void> {
    try {
      const begun = performance.now();
      const outcomes = await this.writer.write(group);
      this.observer?.written({ appends: group.length, seconds: (performance.now() - begun) / 1_000 });
      this.remember(group, outcomes);
      group.forEach((append, index) => {
        this.settle(append, outcomes[index]);
      });
    } catch (error) {
      for (const { reject } of group) reject(storeErrorOf(error));
    }
  }

  private remember(group: readonly Waiting[], outcomes: readonly WriteOutcome[]): void {
    group.forEach((append, index) => {
      const outcome = outcomes[index];
      // What an earlier append wrote may have come with other metadata.
      if (outcome && !(outcome instanceof Error) && !outcome.repeated) this.recent.add(append, outcome);
    });
  }

  private settle(append: Waiting, outcome: WriteOutcome | undefined): void {
    if (outcome instanceof WrongExpectedRevision && isRepeatable(append.writes)) {
      const settled = this.settleRepeat(append, outcome).finally(() => this.settling.delete(settled));
      this.settling.add(settled);
    } else if (outcome === undefined || outcome instanceof Error) append.reject(storeErrorOf(outcome));
    else append.resolve(outcome);
  }

  /** A stream that is not as expected may hold these very events: then this is their first answer. */
  private async settleRepeat(append: Waiting, refusal: WrongExpectedRevision): Promise<void> {
    try {
      const stored = await this.writer.find(append);
      if (stored === undefined || stored instanceof Error) append.reject(refusal);
      else append.resolve(stored);
    } catch (error) {
      append.reject(storeErrorOf(error));
    }
  }
}
