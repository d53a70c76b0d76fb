import type { Appended, StreamWrite } from '@guanxi/event-store';
import { WrongExpectedRevision } from '@guanxi/event-store';
import type { EventMetadata } from '@guanxi/kernel';
import type { Pool } from 'pg';
import { pendingAppend } from './append-group';
import type { QueueLimits, Waiting } from './append-queue';
import { AppendQueue } from './append-queue';
import type { WriteOutcome } from './group-writer';
import { GroupWriter } from './group-writer';
import type { RecentEvents } from './recent-events';
import { storeErrorOf } from './store-error';
import { isRepeatable } from './stored-append';

/**
 * Group append: what arrives while a commit is on its way goes into the next transaction, so that the append lock
 * and the flush to disk are paid for once a group. One group is under way at a time.
 */
export class AppendPipeline {
  private readonly queue: AppendQueue;
  private readonly writer: GroupWriter;
  private working: Promise<void> | undefined;
  private readonly settling = new Set<Promise<void>>();

  constructor(
    pool: Pool,
    private readonly recent: RecentEvents,
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
    const pending = pendingAppend(writes, metadata);
    return new Promise((resolve, reject) => {
      this.queue.add({ ...pending, resolve, reject });
      this.working ??= this.work();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  async drained(): Promise<void> {
    await this.working;
    await Promise.all(this.settling);
  }

  private async work(): Promise<void> {
    // Appends that were started together join the first group.
    await Promise.resolve();
    let sent = this.send(this.queue.take());
    for (;;) {
      const settle = await sent;
      // A group that is full is sent at once; else those who are answered now may join the next one.
      const next = this.queue.fillsGroup ? this.send(this.queue.take()) : undefined;
      settle();
      if (next) {
        sent = next;
        continue;
      }
      await Promise.resolve();
      if (this.queue.isEmpty) break;
      sent = this.send(this.queue.take());
    }
    this.working = undefined;
  }

  /** Writes a group; resolves to what tells its callers. */
  private async send(group: readonly Waiting[]): Promise<() => void> {
    try {
      const outcomes = await this.writer.write(group);
      this.remember(group, outcomes);
      return () => {
        group.forEach((append, index) => {
          this.settle(append, outcomes[index]);
        });
      };
    } catch (error) {
      return () => {
        for (const { reject } of group) reject(storeErrorOf(error));
      };
    }
  }

  private remember(group: readonly Waiting[], outcomes: readonly WriteOutcome[]): void {
    group.forEach((append, index) => {
      const outcome = outcomes[index];
      if (outcome && !(outcome instanceof Error)) this.recent.add(append, outcome);
    });
  }

  private settle(append: Waiting, outcome: WriteOutcome | undefined): void {
    if (outcome instanceof WrongExpectedRevision && isRepeatable(append)) {
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
