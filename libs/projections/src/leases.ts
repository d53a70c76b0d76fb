import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { DatabaseError } from 'pg';
import type { ShardName } from './fair-share';
import { fairShare } from './fair-share';
import type { LeaseEntry, LeaseRow, ListedWorker } from './lease-book';
import {
  beat,
  endSessions,
  enter,
  giveBack,
  holdStill,
  isUnlisted,
  leasesFor,
  strike,
  take,
  workersIn,
} from './lease-book';
import { faultsOf, nameOf } from './lease-faults';
import type { AnyReadModel } from './read-model';
import { WorkerSession, sessionName } from './worker-session';
import { WorkerSigns } from './worker-signs';

/** A shard of a generation that this worker may write, and how far its rows have come. */
export interface Lease extends ShardName {
  readonly shards: number;
  /** The worker that holds it. */
  readonly holder: string;
  /** Rises with every change of hands: what is written under an older one is refused. */
  readonly token: bigint;
  readonly position: bigint;
}

/** What has generations: a read model or a policy, in one version. */
export type Followed = Pick<AnyReadModel, 'name' | 'version'>;

/** How often a worker shows that it lives, and how long others wait for a sign of it. */
export interface LeaseTimes {
  readonly beatMilliseconds: number;
  readonly patienceMilliseconds: number;
}

/** The times that hold where nothing else is said: who stands still is replaced after 5 to 7 s. */
export const LEASE_TIMES: LeaseTimes = { beatMilliseconds: 1_000, patienceMilliseconds: 5_000 };

/** Gets what an operator should know. */
export interface LeaseLog {
  info(message: string): void;
  warn(message: string): void;
}

/**
 * So long PostgreSQL itself bears a transaction in which nothing happens. Workers end each other's sooner; this is for
 * those that have no right to.
 */
const IDLE_IN_TRANSACTION = '30s';

/**
 * Which shards this worker keeps. Each worker shows a beat that counts up; who sees another's stand still for too long,
 * or all its sessions gone, ends those sessions and frees its shards. No clock decides but the steady one of who waits,
 * and a wrong guess does no harm: a shard that changes hands gets a new token, and rows of the old one are refused.
 */
export class Leases {
  /** Name of this worker; another one after it was given up for dead. */
  worker: string = randomUUID();
  private readonly signs: WorkerSigns;
  private readonly keeps: readonly string[];
  private held: readonly Lease[] = [];
  /** Held, but more than is fair or not to be kept: given back when nothing is under way. */
  private surplus: readonly ShardName[] = [];
  /** Names under which this worker failed. */
  private readonly formers = new Set<string>();
  private faults: ReadonlyMap<string, string> = new Map();
  private readonly toldOf = new Set<string>();

  /**
   * @param models read models, or what else has generations, whose shards this worker can keep
   * @param onChange called when shards were won or lost, or are to be given back: `refresh` is awaited then
   */
  constructor(
    private readonly pool: Pool,
    models: readonly Followed[],
    private readonly onChange: () => void,
    private readonly times: LeaseTimes = LEASE_TIMES,
    private readonly log?: LeaseLog,
  ) {
    this.keeps = models.map(({ name, version }) => `${name} ${version}`);
    this.signs = new WorkerSigns(times.patienceMilliseconds, 2 * times.beatMilliseconds);
  }

  /** The shards held as far as this worker knows. */
  get leases(): readonly Lease[] {
    return this.held;
  }

  /** Beats until the signal comes, then gives everything back. @throws when the database cannot be reached */
  async keep(signal: AbortSignal): Promise<void> {
    this.worker = randomUUID();
    this.signs.forget();
    const session = await WorkerSession.open(this.pool, this.worker);
    try {
      await enter(session, this.worker, this.keeps);
      while (!signal.aborted) {
        await this.beat(session);
        await session.rest(this.times.beatMilliseconds, signal);
      }
    } finally {
      await this.leave(session);
    }
  }

  /**
   * Gives back what is above this worker's share and reads anew what is held, and how far it is. To be called when none
   * of it is being written.
   */
  async refresh(): Promise<readonly Lease[]> {
    const statements = {
      rows: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
        (await this.pool.query<Row>(text, [...values])).rows,
    };
    const { worker, surplus } = this;
    await giveBack(statements, worker, surplus);
    if (this.surplus === surplus) this.surplus = [];
    const entries = await leasesFor(statements, worker, this.keeps);
    if (this.worker === worker) this.held = this.soundIn(entries);
    return this.held;
  }

  /** Statements with which a transaction of this worker begins: whoever takes over can find and end it. */
  get begin(): string {
    return (
      `begin; set local application_name = '${sessionName(this.worker)}'; ` +
      `set local idle_in_transaction_session_timeout = '${IDLE_IN_TRANSACTION}'`
    );
  }

  private async leave(session: WorkerSession): Promise<void> {
    const { worker } = this;
    const had = this.held.length > 0;
    this.held = [];
    this.surplus = [];
    if (had) this.onChange();
    try {
      await session.transaction(async () => {
        await strike(session, worker);
        return true;
      });
    } catch {
      // The database is away, or a batch still holds a shard: it is done when this worker is back, or by another one.
      this.formers.add(worker);
    } finally {
      session.close();
    }
  }

  private async beat(session: WorkerSession): Promise<void> {
    if (!(await beat(session, this.worker))) throw new Error('other workers gave this one up for dead');
    const buried = await this.buryDead(session);
    const members = (await workersIn(session)).filter(({ id }) => !buried.has(id));
    const entries = await this.withoutLostHolders(session, members);
    const { take: wanted, give } = fairShare(this.worker, members, this.soundRows(entries));
    const taken = await take(session, this.worker, wanted);
    const current = taken > 0 ? await leasesFor(session, this.worker, this.keeps) : entries;
    this.tellFaults();
    const unkept = rowsOf(current).filter((row) => row.holder === this.worker && !this.isSound(row));
    const before = namesOf(this.held, this.surplus);
    this.surplus = [...give, ...unkept.map(({ generation, shard }) => ({ generation, shard }))];
    this.held = this.soundIn(current);
    if (namesOf(this.held, this.surplus) !== before || this.surplus.length > 0) this.onChange();
  }

  private async buryDead(session: WorkerSession): Promise<ReadonlySet<string>> {
    const workers = await workersIn(session);
    const others = workers.filter(({ id }) => id !== this.worker);
    const dead = this.signs.look(others, performance.now());
    const buried = new Set<string>();
    for (const { id, beat: seenBeat, present } of others) {
      const isOwn = this.formers.has(id);
      if (!isOwn && !dead.some((each) => each.id === id)) continue;
      if (!(await this.bury(session, id, () => holdStill(session, id, seenBeat)))) continue;
      buried.add(id);
      if (!isOwn) this.log?.info(`worker ${id} ${present ? 'stands still' : 'is gone'}; its shards are free`);
    }
    for (const id of this.formers) if (!others.some((each) => each.id === id)) this.formers.delete(id);
    return buried;
  }

  /** The list of leases, after shards of holders that no list names were freed: nobody else would ever do that. */
  private async withoutLostHolders(
    session: WorkerSession,
    members: readonly ListedWorker[],
  ): Promise<readonly LeaseEntry[]> {
    const entries = await leasesFor(session, this.worker, this.keeps);
    const listed = new Set(members.map(({ id }) => id));
    const holders = new Set(rowsOf(entries).flatMap(({ holder }) => (holder === null ? [] : [holder])));
    let isChanged = false;
    for (const id of [...holders].filter((each) => !listed.has(each))) {
      if (!(await this.bury(session, id, () => isUnlisted(session, id)))) continue;
      isChanged = true;
      this.log?.warn(
        `shards were held by worker ${id}, which is not in ops.workers: it was changed by hand. They are free`,
      );
    }
    return isChanged ? leasesFor(session, this.worker, this.keeps) : entries;
  }

  /** Ends what a worker has under way and frees its shards, if it still is as it was when that was decided. */
  private bury(session: WorkerSession, worker: string, isStill: () => Promise<boolean>): Promise<boolean> {
    return session.transaction(async () => {
      if (!(await isStill())) return false;
      await session.rows('savepoint ending');
      try {
        await endSessions(session, worker);
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.code !== '42501') throw error;
        await session.rows('rollback to savepoint ending');
        this.tellOnce(
          `this worker may not end the sessions of worker ${worker}, which runs as another role: what that one has under ` +
            `way is waited for up to ${IDLE_IN_TRANSACTION}. Let all workers run as one role, or grant them pg_signal_backend`,
        );
      }
      await strike(session, worker);
      return true;
    });
  }

  private soundRows(entries: readonly LeaseEntry[]): readonly LeaseRow[] {
    this.faults = faultsOf(entries.filter((entry) => entry.shard === null || entry.kept));
    return rowsOf(entries).filter((row) => this.isSound(row));
  }

  private soundIn(entries: readonly LeaseEntry[]): readonly Lease[] {
    return this.soundRows(entries)
      .filter((row) => row.holder === this.worker && !this.isSurplus(row))
      .map(({ generation, shard, shards, token, position }) => ({
        ...{ generation, shard, shards, holder: this.worker },
        ...{ token: BigInt(token), position: BigInt(position) },
      }));
  }

  private isSound(row: LeaseRow): boolean {
    return row.kept && !this.faults.has(row.generation) && !this.faults.has(nameOf(row));
  }

  private isSurplus(row: LeaseRow): boolean {
    return this.surplus.some((each) => nameOf(each) === nameOf(row));
  }

  private tellFaults(): void {
    const now = new Set(this.faults.values());
    for (const words of now) this.tellOnce(words);
    for (const words of this.toldOf) if (!now.has(words)) this.toldOf.delete(words);
  }

  private tellOnce(words: string): void {
    if (this.toldOf.has(words)) return;
    this.toldOf.add(words);
    this.log?.warn(words);
  }
}

const rowsOf = (entries: readonly LeaseEntry[]): readonly LeaseRow[] =>
  entries.filter((entry): entry is LeaseRow => entry.shard !== null);

const namesOf = (leases: readonly Lease[], surplus: readonly ShardName[]): string =>
  [...leases.map((lease) => `${nameOf(lease)} ${lease.token}`), '', ...surplus.map(nameOf)].join();
