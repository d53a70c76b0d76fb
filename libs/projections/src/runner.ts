import { setTimeout as pause } from 'node:timers/promises';
import type { RecordedEvent } from '@guanxi/kernel';
import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { Pool, PoolClient } from 'pg';
import { moveCheckpoints, readCheckpoints } from './checkpoints';
import { createTables } from './ddl';
import { ModelProjector, isRefusedByDatabase } from './model-projector';
import { ParkedKeys } from './parked-keys';
import type { AnyReadModel } from './read-model';

/** What the runner tells about itself. */
export interface RunnerLog {
  info(message: string): void;
  warn(message: string): void;
}

const PAGE_SIZE = 2_000;
const RETRY_MILLISECONDS = 1_000;
/** A batch of so many events means that more are coming fast; waiting a little makes the next one worth its statements. */
const BUSY_BATCH = 64;
const GATHER_MILLISECONDS = 100;
/** Key of the advisory lock that only one runner of a database holds. */
const RUNNER_LOCK = 7_241_001;

/**
 * Follows the log and keeps every read model's tables: a batch is folded in memory, and its rows and the
 * checkpoint are committed together, so that each event counts exactly once whatever dies in between.
 * One runner works at a time; others wait for its lock.
 */
export class ProjectionRunner {
  private readonly parked = new ParkedKeys();
  private readonly projectors: readonly ModelProjector[];
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private checkpoints = new Map<string, bigint>();

  constructor(
    private readonly pool: Pool,
    private readonly store: EventStore,
    private readonly registry: EventRegistry,
    models: readonly AnyReadModel[],
    private readonly log: RunnerLog,
  ) {
    this.projectors = models.map((model) => new ModelProjector(model, store, registry, this.parked));
  }

  /** Makes missing tables and starts to follow the log in the background. */
  async start(): Promise<void> {
    await prepareReadModels(
      this.pool,
      this.projectors.map(({ model }) => model),
    );
    this.running = this.keepRunning();
  }

  /** Finishes the batch at hand and stops. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Folds a parked key anew; it stays parked, and the error is thrown, if it still cannot be folded. */
  async retryParked(model: string, id: string): Promise<void> {
    const projector = this.projectors.find(({ name }) => name === model);
    if (!projector) throw new Error(`no read model is called ${model}`);
    await this.inTransaction(async (client) => {
      const { rows } = await client.query<{ stream: string; position: string }>(
        `select k.stream, c.position::text from ops.parked_keys k
           join ops.checkpoints c on c.model = k.model where k.model = $1 and k.id = $2 for update of c`,
        [model, id],
      );
      const [row] = rows;
      if (row) await projector.retry(client, id, row.stream, BigInt(row.position));
    });
  }

  private async keepRunning(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.withLock(() => this.follow());
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        this.log.warn(
          `projections stopped: ${error instanceof Error ? error.message : String(error)}; starting again`,
        );
        await pause(RETRY_MILLISECONDS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
  }

  /** Runs `work` while this process holds the lock; should the lock be lost, checkpoints still admit one writer alone. */
  private async withLock(work: () => Promise<void>): Promise<void> {
    const holder = await this.pool.connect();
    holder.on('error', (error) => {
      this.log.warn(`the projections' lock was lost: ${error.message}`);
    });
    try {
      while (!(await tryLock(holder))) {
        await pause(RETRY_MILLISECONDS, undefined, { signal: this.stopping.signal });
      }
      await work();
    } finally {
      holder.release(true);
    }
  }

  private async follow(): Promise<void> {
    await this.inTransaction(async (client) => {
      this.checkpoints = await readCheckpoints(
        client,
        this.projectors.map(({ name }) => name),
      );
      await this.parked.load(client);
    });
    const after = [...this.checkpoints.values()].reduce((low, next) => (next < low ? next : low));
    let held: readonly RecordedEvent[] = [];
    const messages = this.store.subscribe({ after, pageSize: PAGE_SIZE, signal: this.stopping.signal });
    for await (const message of messages) {
      if (message.kind === 'live') {
        if (held.length > 0) await this.apply(held);
        held = [];
        this.log.info(`projections are live at position ${message.position}`);
        continue;
      }
      const events = [...held, ...message.events];
      const whole =
        message.events.length < PAGE_SIZE ? events : events.slice(0, endOfLastWholeAppend(events));
      held = events.slice(whole.length);
      if (whole.length > 0) await this.apply(whole);
      if (message.events.length >= BUSY_BATCH && message.events.length < PAGE_SIZE) await this.gather();
    }
  }

  private async gather(): Promise<void> {
    await pause(GATHER_MILLISECONDS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  /** Folds one batch into all models that have not seen it, in one transaction. */
  private async apply(batch: readonly RecordedEvent[]): Promise<void> {
    const to = batch.at(-1)?.position;
    if (to === undefined) return;
    const events = batch.map((event) => this.registry.newest(event));
    const behind = this.projectors.filter(({ name }) => this.checkpointOf(name) < to);
    if (behind.length === 0) return;
    const write = (careful: boolean): Promise<void> =>
      this.inTransaction(async (client) => {
        if (careful) await this.parked.load(client);
        await moveCheckpoints(client, new Map(behind.map(({ name }) => [name, this.checkpointOf(name)])), to);
        for (const projector of behind) {
          const from = this.checkpointOf(projector.name);
          const unseen =
            events[0] && events[0].position > from
              ? events
              : events.filter(({ position }) => position > from);
          await projector.apply(client, unseen, to, careful);
        }
      });
    await write(false).catch((error: unknown) => {
      if (!isRefusedByDatabase(error)) throw error;
      this.log.warn('the database refused a row; the batch is written again, key by key');
      return write(true);
    });
    for (const { name } of behind) this.checkpoints.set(name, to);
  }

  private checkpointOf(name: string): bigint {
    return this.checkpoints.get(name) ?? 0n;
  }

  private async inTransaction(work: (client: PoolClient) => Promise<void>): Promise<void> {
    const client = await this.pool.connect();
    let broken = true;
    try {
      await client.query('begin');
      await work(client);
      await client.query('commit');
      broken = false;
    } finally {
      client.release(broken);
    }
  }
}

/** Makes the tables of read models that are not there yet. */
export async function prepareReadModels(pool: Pool, models: readonly AnyReadModel[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [RUNNER_LOCK + 1]);
    for (const statement of models.flatMap(createTables)) await client.query(statement);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** Index behind the last event of which it is certain that its whole append is in the batch. */
function endOfLastWholeAppend(events: readonly RecordedEvent[]): number {
  const last = events.at(-1);
  let end = events.length - 1;
  while (end > 0 && events[end - 1]?.metadata.commandId === last?.metadata.commandId) end -= 1;
  return end;
}

async function tryLock(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
    RUNNER_LOCK,
  ]);
  return rows[0]?.locked ?? false;
}
