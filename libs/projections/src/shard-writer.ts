import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import { DomainError } from '@guanxi/kernel';
import type { Pool, PoolClient } from 'pg';
import { GenerationFailed } from './ailing';
import { moveCheckpoints } from './checkpoints';
import type { Lease } from './leases';
import type { BatchOptions } from './model-projector';
import { ModelProjector, isRefusedByDatabase } from './model-projector';
import type { ProjectionObserver } from './observer';
import { ParkedKeys } from './parked-keys';
import type { AnyReadModel } from './read-model';
import { shardOf } from './shards';
import type { SkippedEvents } from './skipped-events';

/** What shards are written with. */
export interface FollowerParts {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  /** How its transactions begin. */
  readonly begin: string;
  readonly warn: (message: string) => void;
  readonly observer?: ProjectionObserver | undefined;
}

/** The shards of one generation that are written together. */
interface Kept {
  readonly projector: ModelProjector;
  leases: readonly Lease[];
}

/**
 * Writes some shards: each batch is folded in memory, and its rows and the checkpoints are committed together, so that
 * each event counts exactly once whatever dies in between.
 */
export class ShardWriter {
  private readonly parked = new ParkedKeys();
  private readonly kept: readonly Kept[];

  /** @param modelOf the read model of a generation */
  constructor(
    private readonly parts: FollowerParts,
    skips: SkippedEvents,
    leases: readonly Lease[],
    modelOf: (generation: string) => AnyReadModel | undefined,
  ) {
    const generations = new Set(leases.map(({ generation }) => generation));
    this.kept = [...generations].flatMap((generation) => {
      const own = leases.filter((lease) => lease.generation === generation);
      const model = modelOf(generation);
      if (!model) return [];
      const projector = new ModelProjector(model, generation, { ...parts, parked: this.parked, skips });
      return [{ projector, leases: own }];
    });
  }

  /** The read models that it writes. */
  get models(): readonly AnyReadModel[] {
    return this.kept.map(({ projector }) => projector.model);
  }

  /** The lowest position that one of its shards has reached; undefined when it has none. */
  get position(): bigint | undefined {
    const positions = this.kept.flatMap(({ leases }) => leases).map(({ position }) => position);
    return positions.reduce<bigint | undefined>(
      (low, next) => (low === undefined || next < low ? next : low),
      undefined,
    );
  }

  /** Reads what is parked; called before the first batch. */
  async begin(): Promise<void> {
    await this.inTransaction((client) => this.parked.load(client));
  }

  /**
   * Folds one batch into all shards that have not seen it, in one transaction.
   * @returns how many events concerned each generation
   * @throws LeaseLost, GenerationFailed
   */
  async write(events: readonly RecordedEvent[], to: bigint): Promise<ReadonlyMap<string, number>> {
    const behind = this.kept.flatMap(({ projector, leases }) => {
      const own = leases.filter(({ position }) => position < to);
      return own.length === 0 ? [] : [{ projector, leases: own }];
    });
    if (behind.length === 0) return new Map();
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
    return new Map([...folded].map(([{ generation }, own]) => [generation, own]));
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
