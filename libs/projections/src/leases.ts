import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from './generations';
import type { AnyReadModel } from './read-model';

/** A shard of a generation that this worker may write, and how far its rows have come. */
export interface Lease {
  readonly generation: string;
  readonly shard: number;
  readonly shards: number;
  /** Rises with every change of hands: what is written under an older one is refused. */
  readonly token: bigint;
  readonly position: bigint;
}

/** What has generations: a read model or a policy, in one version. */
export type Followed = Pick<AnyReadModel, 'name' | 'version'>;

/** Workers of read models and of policies share their shards among themselves: each kind has its own list. */
export type WorkersTable = 'ops.workers' | 'ops.policy_workers';

/** How often a worker shows that it lives, and how long others wait for a sign of it. */
export interface LeaseTimes {
  readonly beatMilliseconds: number;
  readonly patienceMilliseconds: number;
}

const TIMES: LeaseTimes = { beatMilliseconds: 1_000, patienceMilliseconds: 5_000 };

/** How a worker's sessions are called in the database's own lists. */
const sessionName = (worker: string): string => `guanxi worker ${worker}`;

interface Sign {
  readonly beat: string;
  /** When this beat was first seen, by this process's own steady clock. */
  readonly since: number;
}

/**
 * Which shards this worker keeps. Each worker shows a beat that counts up; who sees another's stand still for too long,
 * or all its sessions gone, ends those sessions and frees its shards. No clock decides but the steady one of who waits,
 * and a wrong guess does no harm: a shard that changes hands gets a new token, and rows of the old one are refused.
 */
export class Leases {
  /** Name of this worker; another one after it was given up for dead. */
  worker: string = randomUUID();
  private readonly signs = new Map<string, Sign>();
  private held: readonly Lease[] = [];
  private session: PoolClient | undefined;

  /**
   * @param models read models, or what else has generations, whose shards this worker can keep
   * @param onChange called when shards were won or lost
   */
  constructor(
    private readonly pool: Pool,
    private readonly models: readonly Followed[],
    private readonly onChange: () => void,
    private readonly times: LeaseTimes = TIMES,
    private readonly workers: WorkersTable = 'ops.workers',
  ) {}

  /** The shards held as far as this worker knows. */
  get leases(): readonly Lease[] {
    return this.held;
  }

  /** Beats until the signal comes, then gives everything back. @throws when the database cannot be reached */
  async keep(signal: AbortSignal): Promise<void> {
    try {
      await this.join();
      while (!signal.aborted) {
        await this.beat();
        await pause(this.times.beatMilliseconds, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      await this.leave();
    }
  }

  /** Reads anew which shards are held, and how far they are. */
  async refresh(): Promise<readonly Lease[]> {
    const { rows } = await this.pool.query<LeaseRow>(`${LEASES} where c.holder = $1 order by 2, 1`, [
      this.worker,
    ]);
    this.held = rows.map(toLease);
    return this.held;
  }

  /** Statements with which a transaction of this worker begins: whoever takes over can find and end it. */
  get begin(): string {
    return `begin; set local application_name = '${sessionName(this.worker)}'`;
  }

  private async join(): Promise<void> {
    this.worker = randomUUID();
    const session = await this.pool.connect();
    this.session = session;
    session.on('error', () => {
      if (this.session === session) this.session = undefined;
    });
    await session.query(`select set_config('application_name', $1, false)`, [sessionName(this.worker)]);
    await session.query(`insert into ${this.workers} (id) values ($1)`, [this.worker]);
  }

  private async leave(): Promise<void> {
    const had = this.held.length > 0;
    this.held = [];
    const { session } = this;
    this.session = undefined;
    await inTransaction(this.pool, (client) => free(client, this.worker, this.workers)).catch(
      () => undefined,
    );
    session?.release(true);
    if (had) this.onChange();
  }

  private async beat(): Promise<void> {
    const { session } = this;
    if (!session) throw new Error('the session that shows this worker alive was lost');
    const { rowCount } = await session.query(`update ${this.workers} set beat = beat + 1 where id = $1`, [
      this.worker,
    ]);
    if (rowCount === 0) throw new Error('other workers gave this one up for dead');
    await this.buryDead(session);
    await this.share(session);
  }

  private async buryDead(session: PoolClient): Promise<void> {
    const { rows } = await session.query<{ id: string; beat: string; present: boolean }>(
      `select w.id, w.beat::text as beat,
              exists (select from pg_stat_activity a where a.application_name = $2 || w.id) as present
         from ${this.workers} w where w.id <> $1`,
      [this.worker, sessionName('')],
    );
    const now = performance.now();
    for (const id of this.signs.keys()) if (!rows.some((row) => row.id === id)) this.signs.delete(id);
    for (const { id, beat, present } of rows) {
      const sign = this.signs.get(id);
      if (sign?.beat !== beat) this.signs.set(id, { beat, since: now });
      // A worker that was seen once and has no session left is gone; one seen the first time may be about to begin.
      const isDead = sign?.beat === beat && (!present || now - sign.since >= this.times.patienceMilliseconds);
      if (isDead) await inTransaction(this.pool, (client) => bury(client, id, this.workers));
    }
  }

  /** Takes free shards up to a fair share, and gives back what is above it. */
  private async share(session: PoolClient): Promise<void> {
    const wanted = [this.models.map(({ name }) => name), this.models.map(({ version }) => version)];
    const { rows } = await session.query<{ shards: number; workers: number; held: number }>(
      `select count(*)::integer as shards, count(*) filter (where c.holder = $3)::integer as held,
              (select count(*)::integer from ${this.workers}) as workers
         from ${KEPT} `,
      [...wanted, this.worker],
    );
    const { shards = 0, workers = 1, held = 0 } = rows[0] ?? {};
    const fair = Math.ceil(shards / Math.max(1, workers));
    if (held < fair) {
      await session.query(
        `update ops.checkpoints c set holder = $3, token = token + 1
          where (c.generation, c.shard) in (
            select c.generation, c.shard from ${KEPT} and c.holder is null
             order by c.shard, c.generation limit $4 for update of c skip locked)`,
        [...wanted, this.worker, fair - held],
      );
    } else if (held > fair) {
      await session.query(
        `update ops.checkpoints c set holder = null, token = token + 1
          where (c.generation, c.shard) in (
            select generation, shard from ops.checkpoints where holder = $1
             order by shard desc, generation desc limit $2 for update skip locked)`,
        [this.worker, held - fair],
      );
    }
    const before = namesOf(this.held);
    if (namesOf(await this.refresh()) !== before) this.onChange();
  }
}

/** Shards of generations that a worker with models `$1` of versions `$2` can keep; a condition may follow. */
const KEPT = `ops.checkpoints c join ops.generations g on g.generation = c.generation
  where g.status = 'following'
    and (g.model, g.version) in (select * from unnest($1::text[], $2::integer[]))`;

interface LeaseRow {
  readonly generation: string;
  readonly shard: number;
  readonly shards: number;
  readonly token: string;
  readonly position: string;
}

const LEASES = `select c.generation, c.shard, c.shards, c.token::text, c.position::text from ops.checkpoints c`;

const toLease = ({ token, position, ...rest }: LeaseRow): Lease => ({
  ...rest,
  token: BigInt(token),
  position: BigInt(position),
});

const namesOf = (leases: readonly Lease[]): string =>
  leases.map(({ generation, shard, token }) => `${generation} ${shard} ${token}`).join();

/** Ends what a worker has under way and frees its shards. */
async function bury(client: PoolClient, worker: string, workers: WorkersTable): Promise<void> {
  await client.query(
    'select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = $1',
    [sessionName(worker)],
  );
  await free(client, worker, workers);
}

async function free(client: PoolClient, worker: string, workers: WorkersTable): Promise<void> {
  await client.query('update ops.checkpoints set holder = null, token = token + 1 where holder = $1', [
    worker,
  ]);
  await client.query(`delete from ${workers} where id = $1`, [worker]);
}
