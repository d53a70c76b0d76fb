import { randomUUID } from 'node:crypto';
import { EventRegistry, MemoryEventStore } from '@guanxi/event-store';
import type { EventMetadata, RecordedEvent } from '@guanxi/kernel';
import { event } from '@guanxi/kernel';
import { createPool } from '@guanxi/platform';
import { Type } from '@sinclair/typebox';
import type { Pool } from 'pg';
import { Client } from 'pg';
import type { QueryRunner } from 'typeorm';
import { testDatabase } from '../../../../test/support/postgres';
import type { LeaseTimes } from '../leases';
import { projectionMigrations } from '../migrations';
import { Queries } from '../queries';
import type { AnyReadModel } from '../read-model';
import { ProjectionRunner } from '../runner';
import { sessionName } from '../worker-session';
import { accounts, dayAt, historyOf, learnedAt } from './ledger-model';

/** Short ones, so that tests need not wait long; a patience of a minute shows that nobody waited for it. */
export const QUICK: LeaseTimes = { beatMilliseconds: 50, patienceMilliseconds: 600 };
export const PATIENT: LeaseTimes = { beatMilliseconds: 50, patienceMilliseconds: 60_000 };

/** A worker of a crew, with connections of its own. */
export interface Worker {
  readonly runner: ProjectionRunner;
  readonly pool: Pool;
  readonly log: string[];
  stop(): Promise<void>;
}

/** A worker that does nothing by itself: it stands in the lists as a process that was halted does. */
export interface Ghost {
  readonly id: string;
  /** Its session. */
  readonly client: Client;
  /** Ends its session, as the end of its process does. */
  die(): Promise<void>;
}

/** Any number of workers on one database and one log. */
export interface Crew {
  readonly url: string;
  readonly pool: Pool;
  readonly store: MemoryEventStore;
  readonly queries: Queries;
  worker(options?: {
    readonly models?: readonly AnyReadModel[];
    readonly times?: LeaseTimes;
    readonly url?: string;
  }): Promise<Worker>;
  /** @param takes how many free shards it takes */
  ghost(takes: number): Promise<Ghost>;
  /** Opens an account and books on it: so many events of 1 each. */
  book(times: number, id?: string): Promise<string>;
  caughtUp(models?: readonly AnyReadModel[]): Promise<void>;
  /** Balance of an account by its row, and by the sum of its movements. */
  balance(id: string, generation?: string): Promise<readonly [number, number]>;
  /** How many shards each worker holds, fewest first; 0 for those of nobody. */
  shares(): Promise<string>;
  close(): Promise<void>;
}

const APPENDING = { command: 'Test', commandHash: '', actor: 'test', tenant: 'default', policyVersion: 0 };

/** @param models those whose tables the crew's workers keep where nothing else is said */
export async function crew(models: readonly AnyReadModel[] = [accounts]): Promise<Crew> {
  const database = await testDatabase();
  const pool = createPool({ url: database.url, name: 'test' });
  const queryRunner = { query: (sql: string) => pool.query(sql) } as unknown as QueryRunner;
  for (const Migration of projectionMigrations) await new Migration().up(queryRunner);
  let ticks = 0;
  const store = new MemoryEventStore(() => Date.parse(learnedAt((ticks += 1))));
  const queries = new Queries(pool, store, () => learnedAt(1_000_000), 30_000);
  const workers = new Set<Worker>();
  const ghosts = new Set<Ghost>();

  const append = async (
    events: readonly Pick<RecordedEvent, 'stream' | 'type' | 'occurredAt' | 'data'>[],
  ): Promise<void> => {
    for (const { stream, type, occurredAt, data } of events) {
      const commandId = randomUUID();
      const metadata: EventMetadata = { ...APPENDING, commandId, correlationId: commandId };
      const fresh = { id: randomUUID(), type, occurredAt, data: { ...data } };
      await store.append([{ stream, expected: 'any', events: [fresh] }], metadata);
    }
  };

  return {
    url: database.url,
    pool,
    store,
    queries,
    worker: async ({ models: own = models, times = QUICK, url = database.url } = {}) => {
      const ownPool = createPool({ url, name: 'guanxi', max: 6 });
      const log: string[] = [];
      const note = (message: string): void => void log.push(message);
      const registry = new EventRegistry(accounts.types.map((type) => event(type, Type.Any())));
      const runner = new ProjectionRunner(ownPool, store, registry, own, { info: note, warn: note }, times);
      const worker: Worker = {
        runner,
        pool: ownPool,
        log,
        stop: async () => {
          workers.delete(worker);
          await runner.stop();
          await ownPool.end();
        },
      };
      workers.add(worker);
      await runner.start();
      return worker;
    },
    ghost: async (takes) => {
      const id = randomUUID();
      const client = new Client({ connectionString: database.url });
      client.on('error', () => undefined);
      await client.connect();
      await client.query(`select set_config('application_name', $1, false)`, [sessionName(id)]);
      const keeps = models.map(({ name, version }) => `${name} ${version}`);
      await client.query('insert into ops.workers (id, keeps) values ($1, $2)', [id, keeps]);
      await client.query(
        `update ops.checkpoints set holder = $1, token = token + 1
          where (generation, shard) in (select generation, shard from ops.checkpoints
                                         where holder is null order by shard, generation limit $2)`,
        [id, takes],
      );
      const ghost: Ghost = {
        id,
        client,
        die: async () => {
          ghosts.delete(ghost);
          await client.end().catch(() => undefined);
        },
      };
      ghosts.add(ghost);
      return ghost;
    },
    book: async (times, id) => {
      const account = id ?? randomUUID();
      const stream = `account-${account}`;
      if (id === undefined) await append(historyOf(stream, []));
      const one = { stream, type: 'account-booked.v1', occurredAt: dayAt(1), data: { amount: 1 } };
      await append(Array.from({ length: times }, () => one));
      return account;
    },
    caughtUp: async (own = models) => queries.waitFor(own, (await store.head()).position),
    balance: async (id, generation = 'test_accounts_v1') => {
      const { rows } = await pool.query<{ balance: number; moved: number }>(
        `select (select balance::integer from rm.${generation} where id = $1) as balance,
                (select sum(delta)::integer from rm.${generation}_movements
                  where id = $1 and superseded_pos = 9223372036854775807) as moved`,
        [id],
      );
      return [rows[0]?.balance ?? NaN, rows[0]?.moved ?? NaN];
    },
    shares: async () => {
      const { rows } = await pool.query<{ held: number }>(
        `select count(*)::integer as held from ops.checkpoints where holder is not null group by holder
         union all
         select 0 from ops.workers w where not exists (select from ops.checkpoints where holder = w.id)
         order by 1`,
      );
      return rows.map(({ held }) => held).join();
    },
    close: async () => {
      for (const ghost of ghosts) await ghost.die();
      for (const worker of [...workers]) await worker.stop();
      await store.close();
      await pool.end();
      await database.drop();
    },
  };
}
