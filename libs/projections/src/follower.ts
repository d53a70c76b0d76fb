import { setTimeout as pause } from 'node:timers/promises';
import type { EventRegistry, EventStore, SubscriptionMessage } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import { DomainError } from '@guanxi/kernel';
import type { Pool, PoolClient } from 'pg';
import { GenerationFailed } from './ailing';
import { gatherStatistics } from './ddl';
import { moveCheckpoints } from './checkpoints';
import { Growth } from './growth';
import type { Lease } from './leases';
import type { BatchOptions } from './model-projector';
import { ModelProjector, isRefusedByDatabase } from './model-projector';
import { ParkedKeys } from './parked-keys';
import type { ProjectionObserver } from './observer';
import { readable } from './placing';
import { readAhead } from './read-ahead';
import type { AnyReadModel } from './read-model';
import { shardOf } from './shards';
import { SkippedEvents } from './skipped-events';

const PAGE_SIZE = 2_000;
/** A batch of so many events means that more are coming fast; waiting a little makes the next one worth its statements. */
const BUSY_BATCH = 64;
const GATHER_MILLISECONDS = 100;

/** What a follower works with. */
export interface FollowerParts {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  /** How its transactions begin. */
  readonly begin: string;
  readonly warn: (message: string) => void;
  readonly observer?: ProjectionObserver | undefined;
}

/** The shards of one generation that a follower keeps. */
interface Kept {
  readonly projector: ModelProjector;
  leases: readonly Lease[];
}

/**
 * Follows the log for some shards: a batch is folded in memory, and its rows and the checkpoints are committed together,
 * so that each event counts exactly once whatever dies in between.
 */
export class Follower {
  private readonly parked = new ParkedKeys();
  private readonly skips = new SkippedEvents();
  private readonly growth = new Growth();
  private readonly kept: readonly Kept[];

  /** @param modelOf the read model of a generation */
  constructor(
    private readonly parts: FollowerParts,
    leases: readonly Lease[],
    modelOf: (generation: string) => AnyReadModel | undefined,
  ) {
    const generations = new Set(leases.map(({ generation }) => generation));
    this.kept = [...generations].flatMap((generation) => {
      const own = leases.filter((lease) => lease.generation === generation);
      const model = modelOf(generation);
      if (!model) return [];
      const { parked, skips } = this;
      const projector = new ModelProjector(model, generation, { ...parts, parked, skips });
      return [{ projector, leases: own }];
    });
  }

  /**
   * Follows until the signal comes.
   * @param onLive called with the position when everything known has been folded, each time that is so
   * @throws LeaseLost when a shard was taken over
   */
  async follow(signal: AbortSignal, onLive: (position: bigint) => void): Promise<void> {
    await this.inTransaction((client) => this.parked.load(client));
    await this.skips.load(
      this.parts.store,
      this.kept.map(({ projector }) => projector.model),
    );
    const positions = this.kept.flatMap(({ leases }) => leases).map(({ position }) => position);
    if (positions.length === 0) return;
    const after = positions.reduce((low, next) => (next < low ? next : low));
    let held: readonly RecordedEvent[] = [];
    const messages = this.parts.store.subscribe({ after, pageSize: PAGE_SIZE, signal });
    for await (const message of readAhead(messages, isFullPage)) {
      if (message.kind === 'live') {
        if (held.length > 0) await this.apply(held);
        held = [];
        onLive(message.position);
        continue;
      }
      const events = [...held, ...message.events];
      const whole =
        message.events.length < PAGE_SIZE ? events : events.slice(0, endOfLastWholeAppend(events));
      held = events.slice(whole.length);
      if (whole.length > 0) await this.apply(whole);
      if (signal.aborted) return;
      if (message.events.length >= BUSY_BATCH && message.events.length < PAGE_SIZE) {
        await pause(GATHER_MILLISECONDS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Folds one batch into all shards that have not seen it, in one transaction. */
  private async apply(batch: readonly RecordedEvent[]): Promise<void> {
    const to = batch.at(-1)?.position;
    if (to === undefined) return;
    const events = batch.map((event) => readable(this.parts.registry, event));
    const behind = this.kept.flatMap(({ projector, leases }) => {
      const own = leases.filter(({ position }) => position < to);
      return own.length === 0 ? [] : [{ projector, leases: own }];
    });
    if (behind.length === 0) return;
    const folded = new Map<ModelProjector, number>();
    const begun = performance.now();
    const write = (careful: boolean): Promise<void> =>
      this.inTransaction(async (client) => {
        if (careful) await this.parked.load(client);
        await moveCheckpoints(
          client,
          behind.flatMap(({ leases }) => leases),
          to,
        );
        for (const { projector, leases } of behind) {
          const options = { upTo: to, isOwn: ownOf(leases), careful };
          folded.set(projector, await this.applyTo(projector, client, events, options));
        }
      });
    await write(false).catch((error: unknown) => {
      if (!isRefusedByDatabase(error)) throw error;
      this.parts.warn('the database refused a row; the batch is written again, key by key');
      return write(true);
    });
    for (const projector of folded.keys()) projector.committed();
    const seconds = (performance.now() - begun) / 1_000;
    for (const [{ model, generation }, own] of folded) {
      if (own > 0) this.parts.observer?.folded({ model: model.name, generation, events: own, seconds });
    }
    for (const kept of this.kept) {
      kept.leases = kept.leases.map((lease) => (lease.position < to ? { ...lease, position: to } : lease));
    }
    for (const [{ model, generation }, own] of folded) {
      if (this.growth.hasGrown(generation, own)) await this.gather(model, generation);
    }
  }

  private async gather(model: AnyReadModel, generation: string): Promise<void> {
    await this.parts.pool.query(gatherStatistics(model, generation)).catch((error: unknown) => {
      this.parts.warn(
        `the statistics of ${generation} could not be gathered: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
  }

  /** @throws GenerationFailed for what is to be blamed on this generation, unless the batch can be written otherwise */
  private async applyTo(
    projector: ModelProjector,
    client: PoolClient,
    events: readonly RecordedEvent[],
    options: BatchOptions,
  ): Promise<number> {
    try {
      return await projector.apply(client, events, options);
    } catch (error) {
      if (isUnavailable(error) || (!options.careful && isRefusedByDatabase(error))) throw error;
      throw new GenerationFailed(projector.generation, error);
    }
  }

  /** @throws GenerationFailed only while the connection is sound: a lost one is no generation's fault */
  private async inTransaction(work: (client: PoolClient) => Promise<void>): Promise<void> {
    const client = await this.parts.pool.connect();
    let isSound = false;
    try {
      await client.query(this.parts.begin);
      await work(client);
      await client.query('commit');
      isSound = true;
    } catch (error) {
      isSound = await client.query('rollback').then(
        () => true,
        () => false,
      );
      throw !isSound && error instanceof GenerationFailed ? error.cause : error;
    } finally {
      client.release(!isSound);
    }
  }
}

const isFullPage = (message: SubscriptionMessage): boolean =>
  message.kind === 'events' && message.events.length === PAGE_SIZE;

/** True when the log could not be read: that is no generation's fault either. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof DomainError && error.code === 'event-store.unavailable';

/** Which events of which keys are new to shards. */
function ownOf(leases: readonly Lease[]): (key: string, position: bigint) => boolean {
  const [first] = leases;
  if (!first) return () => false;
  const { shards, position: from } = first;
  if (leases.length === shards && leases.every(({ position }) => position === from)) {
    return (_key, position) => position > from;
  }
  const positions = new Map(leases.map(({ shard, position }) => [shard, position]));
  return (key, position) => {
    const reached = positions.get(shardOf(key, shards));
    return reached !== undefined && position > reached;
  };
}

/** Index behind the last event of which it is certain that its whole append is in the batch. */
function endOfLastWholeAppend(events: readonly RecordedEvent[]): number {
  const last = events.at(-1);
  let end = events.length - 1;
  while (end > 0 && events[end - 1]?.metadata.commandId === last?.metadata.commandId) end -= 1;
  return end;
}
