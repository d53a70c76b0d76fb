import { setTimeout as pause } from 'node:timers/promises';
import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { Pool } from 'pg';
import { LeaseLost } from './checkpoints';
import { Follower } from './follower';
import { generationsOf, prepareReadModels } from './generations';
import type { Lease, LeaseTimes } from './leases';
import { Leases } from './leases';
import type { ProjectionObserver } from './observer';
import { leaseChange } from './observer';
import type { AnyReadModel } from './read-model';

/** What the runner tells about itself. */
export interface RunnerLog {
  info(message: string): void;
  warn(message: string): void;
}

const RETRY_MILLISECONDS = 1_000;
/** Shards so close to the end of the log share one reader and one transaction. */
const LIVE_DISTANCE = 5_000n;

/**
 * A worker of the read models: holds shards, and follows the log for them. Shards that are near the end of the log go
 * together; those that lag behind have readers of their own until they are there, so that they hold up nobody.
 */
export class ProjectionRunner {
  private readonly leases: Leases;
  private readonly stopping = new AbortController();
  private readonly leaving = new AbortController();
  private following: Promise<void> | undefined;
  private keeping: Promise<void> | undefined;
  private regrouping = new AbortController();
  private told: readonly Lease[] = [];

  constructor(
    private readonly pool: Pool,
    private readonly store: EventStore,
    private readonly registry: EventRegistry,
    private readonly models: readonly AnyReadModel[],
    private readonly log: RunnerLog,
    times?: LeaseTimes,
    private readonly observer?: ProjectionObserver,
  ) {
    this.leases = new Leases(
      pool,
      models,
      () => {
        this.tellLeases();
        this.regrouping.abort();
      },
      times,
    );
  }

  /** Makes missing tables and starts to follow the log in the background. */
  async start(): Promise<void> {
    for (const notice of await prepareReadModels(this.pool, this.models)) this.log.warn(notice);
    this.keeping = this.keepOn('leases of projections', this.leaving.signal, (signal) =>
      this.leases.keep(signal),
    );
    this.following = this.keepOn('projections', this.stopping.signal, (signal) => this.followAll(signal));
  }

  /** Finishes the batch at hand, gives its shards back and stops. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.following;
    this.leaving.abort();
    await this.keeping;
  }

  /** Does `work` until the signal comes, again when it ends or fails. */
  private async keepOn(
    name: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        await work(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.log.warn(
          `${name} stopped: ${error instanceof Error ? error.message : String(error)}; starting again`,
        );
        await pause(RETRY_MILLISECONDS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Follows the log with the shards held, until they change. */
  private async followAll(stop: AbortSignal): Promise<void> {
    this.regrouping = new AbortController();
    const signal = AbortSignal.any([stop, this.regrouping.signal]);
    const held = this.leases.leases.length === 0 ? [] : await this.leases.refresh();
    if (held.length === 0) return waitFor(signal);
    const { position: head } = await this.store.head();
    const isLive = ({ position }: Lease): boolean => head - position <= LIVE_DISTANCE;
    const groups = [held.filter(isLive), ...groupsByPosition(held.filter((lease) => !isLive(lease)))];
    const models = await this.modelsByGeneration();
    const begun = groups
      .filter((group) => group.length > 0)
      .map((group) => this.follow(group, groups[0] === group, models, signal));
    await Promise.all(begun.map((each) => each.finally(() => this.regrouping.abort())));
  }

  private async follow(
    group: readonly Lease[],
    isLive: boolean,
    models: ReadonlyMap<string, AnyReadModel>,
    signal: AbortSignal,
  ): Promise<void> {
    const { begin } = this.leases;
    const warn = (message: string): void => {
      this.log.warn(message);
    };
    const follower = new Follower(
      { pool: this.pool, store: this.store, registry: this.registry, begin, warn, observer: this.observer },
      group,
      (generation) => models.get(generation),
    );
    let told = false;
    try {
      await follower.follow(signal, (position) => {
        if (!told) this.log.info(`projections are live at position ${position}`);
        told = true;
        // What has caught up joins the others.
        if (!isLive) this.regrouping.abort();
      });
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      this.log.info(error.message);
    }
  }

  private tellLeases(): void {
    const now = this.leases.leases;
    this.observer?.leasesChanged(leaseChange(this.told, now));
    this.told = now;
  }

  private async modelsByGeneration(): Promise<ReadonlyMap<string, AnyReadModel>> {
    const found = new Map<string, AnyReadModel>();
    for (const { generation, model: name, version } of await generationsOf(this.pool)) {
      const model = this.models.find((own) => own.name === name && own.version === version);
      if (model) found.set(generation, model);
    }
    return found;
  }
}

function groupsByPosition(leases: readonly Lease[]): readonly (readonly Lease[])[] {
  const positions = new Set(leases.map(({ position }) => position));
  return [...positions].map((reached) => leases.filter(({ position }) => position === reached));
}

async function waitFor(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
