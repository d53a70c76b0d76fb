import type { Appended, StreamWrite } from '@guanxi/event-store';
import { WrongExpectedRevision, overloaded } from '@guanxi/event-store';
import type { EventMetadata } from '@guanxi/kernel';
import type { Pool } from 'pg';
import type { PendingAppend } from './append-group';
import { appendGroup, pendingAppend } from './append-group';
import type { RecentEvents } from './recent-events';

interface Waiting extends PendingAppend {
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/** Larger groups win nothing more per append and keep the first of them waiting. */
const GROUP = { appends: 128, bytes: 2_000_000 } as const;
const QUEUE_BYTES = 64_000_000;

/**
 * Group append: what arrives while a commit is on its way goes into the next transaction, so that the append lock
 * and the flush to disk are paid for once a group. One group is under way at a time; appends to one stream never
 * share a group, so that each is checked against what the one before it left.
 */
export class AppendPipeline {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private working: Promise<void> | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly recent: RecentEvents,
  ) {}

  /** @throws WrongExpectedRevision; DomainError `event-store.overloaded` when too much waits already */
  append(writes: readonly StreamWrite[], metadata: EventMetadata): Promise<Appended> {
    const pending = pendingAppend(writes, metadata);
    if (this.waitingBytes > QUEUE_BYTES) {
      return Promise.reject(overloaded('too many appends wait; try again'));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...pending, resolve, reject });
      this.waitingBytes += pending.bytes;
      this.working ??= this.work();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  async drained(): Promise<void> {
    await this.working;
  }

  private async work(): Promise<void> {
    // Appends that were started together join the first group.
    await Promise.resolve();
    let sent = this.send(this.nextGroup());
    for (;;) {
      const settle = await sent;
      // A group that is full is sent at once; else those who are answered now may join the next one.
      const next = this.fillsGroup() ? this.send(this.nextGroup()) : undefined;
      settle();
      if (next) {
        sent = next;
        continue;
      }
      await Promise.resolve();
      if (this.waiting.length === 0) break;
      sent = this.send(this.nextGroup());
    }
    this.working = undefined;
  }

  /** Carries out a group; resolves to what tells its callers. */
  private async send(group: readonly Waiting[]): Promise<() => void> {
    try {
      const outcomes = await appendGroup(this.pool, group);
      for (const [index, outcome] of outcomes.entries()) {
        const pending = group[index];
        if (pending && !(outcome instanceof WrongExpectedRevision)) this.recent.add(pending, outcome);
      }
      return () => {
        for (const [index, { resolve, reject }] of group.entries()) {
          const outcome = outcomes[index];
          if (outcome instanceof WrongExpectedRevision) reject(outcome);
          else if (outcome) resolve(outcome);
        }
      };
    } catch (error) {
      return () => {
        for (const { reject } of group) reject(error);
      };
    }
  }

  private fillsGroup(): boolean {
    return this.waiting.length >= GROUP.appends || this.waitingBytes >= GROUP.bytes;
  }

  /** The oldest appends that fit into a group; what must wait keeps its order. */
  private nextGroup(): readonly Waiting[] {
    const group: Waiting[] = [];
    const left: Waiting[] = [];
    const streams = new Set<string>();
    let bytes = 0;
    let looked = 0;
    for (const append of this.waiting) {
      if (group.length >= GROUP.appends || (group.length > 0 && bytes + append.bytes > GROUP.bytes)) break;
      looked += 1;
      const free = append.writes.every(({ stream }) => !streams.has(stream));
      for (const { stream } of append.writes) streams.add(stream);
      if (!free) {
        left.push(append);
        continue;
      }
      group.push(append);
      bytes += append.bytes;
    }
    this.waiting = left.concat(this.waiting.slice(looked));
    this.waitingBytes -= bytes;
    return group;
  }
}
