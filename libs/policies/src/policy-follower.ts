import { setTimeout as pause } from 'node:timers/promises';
import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { Instant, RecordedEvent } from '@guanxi/kernel';
import type { Lease } from '@guanxi/projections';
import { moveCheckpoints, shardOf } from '@guanxi/projections';
import type { Pool, PoolClient } from 'pg';
import type { Clock } from './clock';
import { KeyEvents } from './key-events';
import type { PolicyObserver } from './observer';
import type { Written, Writer } from './outbox';
import { writeCommands } from './outbox';
import type { ParkedKey } from './parked';
import { park, parkedOf, release, tried, wantedOf } from './parked';
import type { PlannedTimer } from './plan';
import { commandsOfTimer, planOf } from './plan';
import type { AnyPolicy } from './policy';
import { actorOf } from './prepare';
import { tellFired } from './tell-fired';
import { Starts } from './starts';
import type { DueTimer } from './timer-book';
import { TimerBook } from './timer-book';

const PAGE_SIZE = 1_000;
/** Timers that fire in one transaction. */
const FIRE_SIZE = 500;
const LOOK_AGAIN_MILLISECONDS = 200;

/** A transaction at hand, and what will be so once it is committed. */
interface Transaction {
  readonly client: PoolClient;
  leases: readonly Lease[];
  hasWritten: boolean;
}

/** What a follower works with. */
export interface PolicyFollowerParts {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly clock: Clock;
  /** How its transactions begin. */
  readonly begin: string;
  readonly warn: (message: string) => void;
  /** Called when commands wait to be sent. */
  readonly onCommands: () => void;
  readonly observer?: PolicyObserver;
}

/**
 * Follows the log for some shards of one policy. The timers and commands that follow from a batch, and those of timers
 * that are due, are committed together with the checkpoints, so that each counts once whatever dies in between.
 */
export class PolicyFollower {
  private readonly events: KeyEvents;
  private readonly timers: TimerBook;
  private readonly writer: Writer;
  private readonly shards: number;
  private starts: Starts;
  private nextDue: Instant | null = null;

  constructor(
    private readonly parts: PolicyFollowerParts,
    private readonly policy: AnyPolicy,
    private readonly generation: string,
    private leases: readonly Lease[],
  ) {
    this.shards = leases[0]?.shards ?? 1;
    this.starts = Starts.none(this.shards);
    this.events = new KeyEvents(policy, generation, parts.store, parts.registry);
    this.timers = new TimerBook(generation, this.shards, policy.backdating);
    this.writer = { generation, shards: this.shards, actor: actorOf(policy) };
  }

  /**
   * Follows until the signal comes.
   * @throws LeaseLost when a shard was taken over
   */
  async follow(signal: AbortSignal): Promise<void> {
    await this.begin();
    while (!signal.aborted) {
      // What was recorded up to the instant at which timers fire is taken in before they do.
      const now = await this.parts.clock.now();
      const { position: head } = await this.parts.store.head();
      await this.catchUp(head, signal);
      await this.retryWanted();
      while (!signal.aborted && this.nextDue !== null && this.nextDue <= now) await this.fire(now);
      await pause(LOOK_AGAIN_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Reads from where on the shards act, and tries again what was parked: the code may have been mended. */
  private async begin(): Promise<void> {
    await this.inTransaction(async (transaction) => {
      const { client } = transaction;
      this.starts = await Starts.read(client, this.generation, this.shards);
      await this.tryAgain(transaction, await parkedOf(client, this.generation));
      await this.lookForNext(client);
    });
  }

  /** Tries those parked keys again of which somebody wants it. */
  private async retryWanted(): Promise<void> {
    const shards = new Set(this.ownShards());
    const wanted = await wantedOf(this.parts.pool, this.generation);
    const own = new Map([...wanted].filter(([key]) => shards.has(shardOf(key, this.shards))));
    if (own.size === 0) return;
    await this.inTransaction(async (transaction) => {
      await this.tryAgain(transaction, own);
      await tried(transaction.client, this.generation, [...own.keys()]);
      await this.lookForNext(transaction.client);
    });
  }

  /** Takes in anew what waits behind parked keys of these shards. @throws LeaseLost */
  private async tryAgain(transaction: Transaction, parked: ReadonlyMap<string, ParkedKey>): Promise<void> {
    const { client } = transaction;
    for (const lease of this.leases) {
      const own = [...parked.values()].filter(({ key }) => shardOf(key, this.shards) === lease.shard);
      if (own.length === 0) continue;
      await moveCheckpoints(client, [lease], lease.position);
      const streams = new Map(own.map(({ key, stream }) => [key, stream]));
      const events = await this.events.read(client, streams, lease.position);
      await this.answer(transaction, events, new Map(), parked);
    }
  }

  /** Takes in everything up to where the log ended. */
  private async catchUp(head: bigint, signal: AbortSignal): Promise<void> {
    const after = this.leases
      .map(({ position }) => position)
      .reduce((low, next) => (next < low ? next : low));
    if (after >= head) return;
    const filter = { types: this.events.storedTypes };
    for await (const page of this.parts.store.readAll({ after, filter, pageSize: PAGE_SIZE })) {
      if (signal.aborted) return;
      await this.apply(page);
    }
    // A worker that comes after this one need not look again at where there is nothing.
    await this.inTransaction((transaction) => this.moveOn(transaction, head));
  }

  private async apply(page: readonly RecordedEvent[]): Promise<void> {
    const to = page.at(-1)?.position;
    if (to === undefined) return;
    const reached = new Map(this.leases.map(({ shard, position }) => [shard, position]));
    const byKey = this.events.byKey(page);
    const fresh = new Map<string, RecordedEvent[]>();
    for (const [key, events] of byKey) {
      const position = reached.get(shardOf(key, this.shards));
      const own = position === undefined ? [] : events.filter((event) => event.position > position);
      if (own.length > 0) fresh.set(key, own);
    }
    await this.inTransaction(async (transaction) => {
      const { client } = transaction;
      await this.moveOn(transaction, to);
      if (fresh.size === 0) return;
      await this.events.note(client, fresh);
      const whole = await this.allOf(client, byKey, fresh, to);
      await this.answer(transaction, whole, fresh, await parkedOf(client, this.generation));
      await this.lookForNext(client);
    });
  }

  /** All events of the keys of a page; those of a stream that begins in it need not be read again. */
  private async allOf(
    client: PoolClient,
    page: ReadonlyMap<string, readonly RecordedEvent[]>,
    fresh: ReadonlyMap<string, readonly RecordedEvent[]>,
    upTo: bigint,
  ): Promise<Map<string, readonly RecordedEvent[]>> {
    const whole = new Map<string, readonly RecordedEvent[]>();
    const streams = new Map<string, string>();
    for (const [key, own] of fresh) {
      const all = page.get(key) ?? own;
      const [first] = own;
      if (!this.policy.manyStreams && all[0]?.revision === 0) whole.set(key, all);
      else if (first) streams.set(key, first.stream);
    }
    for (const [key, events] of await this.events.read(client, streams, upTo)) whole.set(key, events);
    return whole;
  }

  /** Keeps the timers and writes the commands that follow from keys. */
  private async answer(
    transaction: Transaction,
    whole: ReadonlyMap<string, readonly RecordedEvent[]>,
    fresh: ReadonlyMap<string, readonly RecordedEvent[]>,
    parked: ReadonlyMap<string, ParkedKey>,
  ): Promise<void> {
    const { client } = transaction;
    const timers = new Map<string, readonly PlannedTimer[]>();
    const commands: Written[] = [];
    const released: string[] = [];
    for (const [key, events] of whole) {
      const since = parked.get(key)?.position ?? fresh.get(key)?.[0]?.position;
      if (since === undefined) continue;
      const from = this.starts.answersAfter(key);
      try {
        const plan = planOf(this.policy, key, events, (position) => position >= since && position > from);
        timers.set(key, plan.timers);
        commands.push(...plan.commands.map((command) => ({ key, command })));
        if (parked.has(key)) released.push(key);
      } catch (error) {
        const halting = events.find(({ position }) => position >= since) ?? events[0];
        if (!halting) throw error;
        const { id, type, stream } = halting;
        const waiting = events.filter(({ position }) => position > halting.position).length;
        const place = { key, stream, position: since };
        await park(client, this.generation, place, { id, type, waiting }, error);
        this.parts.warn(`policy ${this.policy.name} cannot take in ${key}; it is set aside`);
      }
    }
    await release(client, this.generation, released);
    await this.timers.keep(client, timers, (shard) => this.starts.of(shard));
    await this.write(transaction, commands);
  }

  /** Fires what is due, the longest due first. @throws LeaseLost */
  private async fire(now: Instant): Promise<void> {
    const fired = await this.inTransaction(async (transaction) => {
      const { client } = transaction;
      const [{ position } = { position: 0n }] = this.leases;
      await moveCheckpoints(client, this.leases, position);
      const due = await this.timers.due(client, this.ownShards(), now, FIRE_SIZE);
      const streams = new Map(due.map(({ key, cause }) => [key, cause.stream]));
      const events = await this.events.read(client, streams, position);
      const parked = new Set<string>();
      const commands: Written[] = [];
      for (const timer of due) {
        const own = this.commandsOf(timer, events.get(timer.key) ?? []);
        if ('commands' in own) commands.push(...own.commands);
        else {
          parked.add(timer.key);
          await park(client, this.generation, { key: timer.key, ...timer.cause }, timer.cause, own.error);
          this.parts.warn(`policy ${this.policy.name} cannot act on ${timer.name} of ${timer.key}`);
        }
      }
      const done = due.filter(({ key }) => !parked.has(key));
      await this.timers.fired(client, done, now);
      await this.write(
        transaction,
        commands.filter(({ key }) => !parked.has(key)),
      );
      await this.lookForNext(client);
      return done;
    });
    tellFired(this.parts, this.policy, fired, now);
  }

  private commandsOf(
    timer: DueTimer,
    events: readonly RecordedEvent[],
  ): { readonly commands: readonly Written[] } | { readonly error: unknown } {
    const { key } = timer;
    try {
      const { state } = planOf(this.policy, key, events, () => false);
      const commands = commandsOfTimer(this.policy, key, state, timer);
      return { commands: commands.map((command) => ({ key, command })) };
    } catch (error) {
      return { error };
    }
  }

  private async write(transaction: Transaction, commands: readonly Written[]): Promise<void> {
    await writeCommands(transaction.client, this.writer, commands);
    Object.assign(transaction, { hasWritten: transaction.hasWritten || commands.length > 0 });
  }

  private async moveOn(transaction: Transaction, to: bigint): Promise<void> {
    const behind = this.leases.filter(({ position }) => position < to);
    if (behind.length > 0) await moveCheckpoints(transaction.client, behind, to);
    const leases = this.leases.map((lease) => (lease.position < to ? { ...lease, position: to } : lease));
    Object.assign(transaction, { leases });
  }

  private async lookForNext(client: PoolClient): Promise<void> {
    this.nextDue = await this.timers.next(client, this.ownShards());
  }

  private ownShards(): readonly number[] {
    return this.leases.map(({ shard }) => shard);
  }

  private async inTransaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const client = await this.parts.pool.connect();
    const transaction: Transaction = { client, leases: this.leases, hasWritten: false };
    let broken = true;
    try {
      await client.query(this.parts.begin);
      const result = await work(transaction);
      await client.query('commit');
      broken = false;
      this.leases = transaction.leases;
      if (transaction.hasWritten) this.parts.onCommands();
      return result;
    } finally {
      client.release(broken);
    }
  }
}
