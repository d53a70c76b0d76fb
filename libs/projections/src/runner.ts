import { setTimeout as pause } from 'node:timers/promises';
import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { Pool } from 'pg';
import { Ailing, GenerationFailed } from './ailing';
import { LeaseLost } from './checkpoints';
import { Follower } from './follower';
import { generationsOf, prepareReadModels } from './generations';
import { groupsOf } from './groups';
import { keepOn } from './keep-on';
import type { Lease, LeaseLog, LeaseTimes } from './leases';
import { LEASE_TIMES, Leases } from './leases';
import type { ProjectionObserver } from './observer';
import { leaseChange } from './observer';
import type { AnyReadModel } from './read-model';

/** What the runner tells about itself. */
export type RunnerLog = LeaseLog;

/** Shards so close to the end of the log share one reader and one transaction. */
const LIVE_DISTANCE = 5_000n;
/** The database is what lagging shards wait for: while it carries out the statements of some, those of others are made. */
const LAGGING_TRANSACTIONS = 2;
/**
 * Rows and checkpoints of a batch are lost together in a crash of the database, if at all, and folded again: their commit
 * waits for no flush. What reached the log before them is on disk, and a takeover waits for a flush of all before it.
 */
const WITHOUT_FLUSH = 'set local synchronous_commit = off';
/** A stop waits so long for the batch at hand; what has not been committed by then is folded by whoever takes over. */
const STOP_MILLISECONDS = 5_000;

/**
 * A worker of the read models: holds shards, and follows the log for them. Shards that are near the end of the log go
 * together; those that lag behind have readers of their own until they are there, so that they hold up nobody. A
 * generation into which nothing can be folded is tried by itself, ever more rarely, and stops no other.
 */
export class ProjectionRunner {
  private readonly leases: Leases;
  private readonly stopping = new AbortController();
  private readonly leaving = new AbortController();
  private following: Promise<void> | undefined;
  private keeping: Promise<void> | undefined;
  private regrouping = new AbortController();
  private told: readonly Lease[] = [];
  private readonly ailing: Ailing;
  /** Shards that were live under a token: they stay with the live ones, however far the log's end runs ahead. */
  private caughtUp: ReadonlyMap<string, bigint> = new Map();
  /** What was said of shards ahead of the log, so that it is said once. */
  private toldAhead = '';

  constructor(
    private readonly pool: Pool,
    private readonly store: EventStore,
    private readonly registry: EventRegistry,
    private readonly models: readonly AnyReadModel[],
    private readonly log: RunnerLog,
    private readonly times: LeaseTimes = LEASE_TIMES,
    private readonly observer?: ProjectionObserver,
  ) {
    this.ailing = new Ailing(times.beatMilliseconds);
    const onChange = (): void => {
      this.tellLeases();
      this.regrouping.abort();
    };
    this.leases = new Leases(pool, models, onChange, times, log);
  }

  /** Makes missing tables and starts to follow the log in the background. */
  async start(): Promise<void> {
    for (const notice of await prepareReadModels(this.pool, this.models)) this.log.warn(notice);
    const warn = (message: string): void => {
      this.log.warn(message);
    };
    const common = { restMilliseconds: this.times.beatMilliseconds, warn };
    this.keeping = keepOn(() => this.leases.keep(this.leaving.signal), {
      ...common,
      name: 'leases of projections',
      signal: this.leaving.signal,
    });
    this.following = keepOn(() => this.followAll(), {
      ...common,
      name: 'projections',
      signal: this.stopping.signal,
    });
  }

  /** Finishes the batch at hand, gives its shards back and stops. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.regrouping.abort();
    const patience = new AbortController();
    const tooLong = pause(STOP_MILLISECONDS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.following, tooLong]);
    patience.abort();
    this.leaving.abort();
    await this.keeping;
  }

  /** Follows the log with the shards held, until they change. */
  private async followAll(): Promise<void> {
    const regrouping = new AbortController();
    this.regrouping = regrouping;
    if (this.stopping.signal.aborted) return;
    const held = await this.leases.refresh();
    this.tellLeases();
    const { position: head } = await this.store.head();
    const followerOf = await this.followers();
    const known = new Set(held.map(tokenOf));
    this.caughtUp = new Map([...this.caughtUp].filter(([token]) => known.has(token)));
    const sound = this.withoutAhead(held, head);
    const isAiling = ({ generation }: Lease): boolean => this.ailing.has(generation);
    const { live, lagging } = groupsOf(
      sound.filter((lease) => !isAiling(lease)),
      (lease) => head - lease.position <= LIVE_DISTANCE || this.hasCaughtUp(lease),
    );
    const generations = new Set(sound.filter(isAiling).map(({ generation }) => generation));
    const begun = [
      ...[live, ...lagging]
        .filter((group) => group.length > 0)
        .map((group) => this.follow(followerOf(group, group !== live), group, regrouping, group !== live)),
      ...[...generations].map((generation) => {
        const own = sound.filter((lease) => lease.generation === generation);
        return this.tryAlone(generation, followerOf(own), regrouping);
      }),
    ];
    // All have ended before anything is begun anew: nobody writes a shard that is given back.
    const ended = await Promise.allSettled([...begun, aborted(regrouping.signal)]);
    const failed = ended.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** Follows for a group until all are grouped anew, which its end brings about. @throws what is no shard's fault */
  private async follow(
    follower: Follower,
    group: readonly Lease[],
    regrouping: AbortController,
    joinsWhenLive: boolean,
  ): Promise<void> {
    let isKnown = group.every((lease) => this.hasCaughtUp(lease));
    try {
      await follower.follow(regrouping.signal, (position) => {
        if (isKnown) return;
        isKnown = true;
        this.log.info(`projections are live at position ${position}`);
        const caughtUp = group.map((lease): [string, bigint] => [tokenOf(lease), position]);
        this.caughtUp = new Map([...this.caughtUp, ...caughtUp]);
        if (joinsWhenLive) regrouping.abort();
      });
    } catch (error) {
      this.judge(error);
    } finally {
      regrouping.abort();
    }
  }

  /** Tries a generation that failed by itself, until it goes or all are grouped anew; the others go on meanwhile. */
  private async tryAlone(generation: string, follower: Follower, regrouping: AbortController): Promise<void> {
    const { signal } = regrouping;
    for (;;) {
      await pause(this.ailing.restOf(generation), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await follower.follow(signal, () => {
          this.ailing.heal(generation);
          this.log.info(`${generation} goes on`);
          regrouping.abort();
        });
      } catch (error) {
        if (!(error instanceof GenerationFailed)) regrouping.abort();
        this.judge(error);
      }
    }
  }

  /** True for a shard that was live once, and was not set back since. */
  private hasCaughtUp(lease: Lease): boolean {
    const at = this.caughtUp.get(tokenOf(lease));
    return at !== undefined && at <= lease.position;
  }

  /** What a failure means. @throws the error itself where it is no shard's fault */
  private judge(error: unknown): void {
    if (error instanceof LeaseLost) {
      this.log.info(error.message);
    } else if (error instanceof GenerationFailed) {
      const wait = this.ailing.fail(error.generation);
      this.log.warn(
        `nothing can be folded into ${error.message}; it is tried again in ${Math.ceil(wait / 1_000)} s, all else goes on`,
      );
    } else throw error;
  }

  /** Leaves out shards that claim more than the log holds; whatever they hold is of another log, or of none. */
  private withoutAhead(held: readonly Lease[], head: bigint): readonly Lease[] {
    const ahead = held.filter(({ position }) => position > head);
    const words = ahead
      .map(({ generation, shard, position }) => `shard ${shard} of ${generation} has reached ${position}`)
      .join(', ');
    if (words !== '' && words !== this.toldAhead) {
      this.log.warn(
        `ops.checkpoints is ahead of the log, which ends at ${head}: ${words}. It was changed by hand, or made from ` +
          'another log. Nothing is folded into these shards until "guanxi projections rebuild" has made their tables anew',
      );
    }
    this.toldAhead = words;
    return held.filter((lease) => !ahead.includes(lease));
  }

  private async followers(): Promise<(group: readonly Lease[], isLagging?: boolean) => Follower> {
    const models = new Map<string, AnyReadModel>();
    for (const { generation, model: name, version } of await generationsOf(this.pool)) {
      const model = this.models.find((own) => own.name === name && own.version === version);
      if (model) models.set(generation, model);
    }
    const { pool, store, registry, observer } = this;
    const begin = `${this.leases.begin}; ${WITHOUT_FLUSH}`;
    const warn = (message: string): void => {
      this.log.warn(message);
    };
    const modelOf = (generation: string): AnyReadModel | undefined => models.get(generation);
    return (group, isLagging = false) =>
      new Follower(
        { pool, store, registry, begin, warn, observer },
        group,
        modelOf,
        isLagging ? LAGGING_TRANSACTIONS : 1,
      );
  }

  private tellLeases(): void {
    const now = this.leases.leases;
    const change = leaseChange(this.told, now);
    this.told = now;
    if (change.won.length + change.lost.length > 0) this.observer?.leasesChanged(change);
  }
}

/** A shard as held since it last changed hands. */
const tokenOf = ({ generation, shard, token }: Lease): string => `${generation} ${shard} ${token}`;

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}
