import type { EventRegistry, EventStore } from '@guanxi/event-store';
import { Wakeup } from '@guanxi/event-store';
import type { Lease, LeaseTimes, RunnerLog } from '@guanxi/projections';
import { LeaseLost, Leases, keepOn } from '@guanxi/projections';
import type { Pool } from 'pg';
import type { Clock } from './clock';
import { DatabaseClock } from './clock';
import type { PolicyObserver } from './observer';
import { Outbox } from './outbox';
import type { AnyPolicy } from './policy';
import { PolicyFollower } from './policy-follower';
import { followedOf, generationOf, preparePolicies } from './prepare';
import type { SendCommand } from './sender';
import { Sender } from './sender';

/** What a worker of the policies works with. */
export interface PolicyRunnerParts {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly policies: readonly AnyPolicy[];
  readonly send: SendCommand;
  readonly log: RunnerLog;
  /** Absent: the database's clock. */
  readonly clock?: Clock;
  readonly observer?: PolicyObserver;
  readonly leaseTimes?: LeaseTimes;
}

const RETRY_MILLISECONDS = 1_000;

/**
 * A worker of the policies: holds shards, follows the log and the clock for them, and sends their commands. Any number
 * of workers share the shards; what one leaves behind another goes on with.
 */
export class PolicyRunner {
  private readonly leases: Leases;
  private readonly clock: Clock;
  private readonly outbox: Outbox;
  private readonly wakeup = new Wakeup();
  private readonly stopping = new AbortController();
  private readonly leaving = new AbortController();
  private regrouping = new AbortController();
  private working: Promise<void> | undefined;
  private keeping: Promise<void> | undefined;

  constructor(private readonly parts: PolicyRunnerParts) {
    this.clock = parts.clock ?? new DatabaseClock(parts.pool);
    this.outbox = new Outbox(parts.pool);
    this.leases = new Leases(
      parts.pool,
      parts.policies.map(followedOf),
      () => {
        this.regrouping.abort();
      },
      parts.leaseTimes,
      parts.log,
    );
  }

  /** Makes missing checkpoints and starts to work in the background. */
  async start(): Promise<void> {
    const { pool, policies, store, log } = this.parts;
    if (policies.length === 0) return;
    for (const notice of await preparePolicies(pool, policies, { store, clock: this.clock }))
      log.warn(notice);
    const common = { restMilliseconds: RETRY_MILLISECONDS, warn: this.warn };
    this.keeping = keepOn(() => this.leases.keep(this.leaving.signal), {
      ...common,
      name: 'leases of policies',
      signal: this.leaving.signal,
    });
    this.working = keepOn(() => this.work(), { ...common, name: 'policies', signal: this.stopping.signal });
  }

  /** Finishes what is at hand, gives its shards back and stops. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.regrouping.abort();
    await this.working;
    this.leaving.abort();
    await this.keeping;
  }

  /** Works with the shards held, until they change. */
  private async work(): Promise<void> {
    const regrouping = new AbortController();
    this.regrouping = regrouping;
    const { signal } = regrouping;
    if (this.stopping.signal.aborted) return;
    const held = await this.leases.refresh();
    const begun = [this.sender(held).run(signal), ...this.followers(held).map((each) => each.follow(signal))];
    // One that fails ends the others, and all are waited for: nobody works on a shard that is given back.
    const ends = await Promise.allSettled(begun.map((each) => each.finally(() => regrouping.abort())));
    for (const end of ends) {
      if (end.status !== 'rejected') continue;
      if (!(end.reason instanceof LeaseLost)) throw end.reason;
      this.parts.log.info(end.reason.message);
    }
  }

  private sender(held: readonly Lease[]): Sender {
    const { send, observer } = this.parts;
    const shards = held.flatMap(({ generation, shard }) => {
      const policy = this.policyOf(generation)?.name;
      return policy === undefined ? [] : [{ generation, shard, policy }];
    });
    const { outbox, wakeup, warn } = this;
    return new Sender({ outbox, send, wakeup, warn, ...(observer && { observer }) }, shards);
  }

  private followers(held: readonly Lease[]): readonly PolicyFollower[] {
    const { pool, store, registry, observer } = this.parts;
    const parts = {
      ...{ pool, store, registry, clock: this.clock, begin: this.leases.begin, warn: this.warn },
      onCommands: () => {
        this.wakeup.signal();
      },
      ...(observer && { observer }),
    };
    return [...new Set(held.map(({ generation }) => generation))].flatMap((generation) => {
      const policy = this.policyOf(generation);
      const own = held.filter((lease) => lease.generation === generation);
      return policy ? [new PolicyFollower(parts, policy, generation, own)] : [];
    });
  }

  private policyOf(generation: string): AnyPolicy | undefined {
    return this.parts.policies.find((policy) => generationOf(policy) === generation);
  }

  private readonly warn = (message: string): void => {
    this.parts.log.warn(message);
  };
}
