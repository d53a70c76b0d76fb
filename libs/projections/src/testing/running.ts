import { setTimeout as pause } from 'node:timers/promises';
import { EventRegistry, MemoryEventStore } from '@guanxi/event-store';
import type { EventContract } from '@guanxi/kernel';
import { event } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';
import type { Pool } from 'pg';
import { createPool } from '@guanxi/platform';
import type { QueryRunner } from 'typeorm';
import { testDatabase } from '../../../../test/support/postgres';
import { projectionMigrations } from '../migrations';
import { Queries } from '../queries';
import type { AnyReadModel } from '../read-model';
import { ProjectionRunner } from '../runner';
import { accounts, learnedAt } from './ledger-model';

/** A database with read models that follow a store, for tests of the engine. */
export interface Running {
  readonly pool: Pool;
  readonly store: MemoryEventStore;
  readonly registry: EventRegistry;
  readonly queries: Queries;
  readonly log: string[];
  runner: ProjectionRunner;
  /** A second runner on the same database and store, not yet started; with other code where it is given. */
  another(models?: readonly AnyReadModel[]): ProjectionRunner;
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

const TIMES = { beatMilliseconds: 50, patienceMilliseconds: 1_000 };

/** Waits until a condition holds. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(20);
}

/**
 * @param models read models to be kept; the test's accounts where left out
 * @param contracts event types beside those of the accounts
 */
export async function running(
  models: readonly AnyReadModel[] = [accounts],
  contracts: readonly EventContract[] = [],
): Promise<Running> {
  const database = await testDatabase();
  const pool = createPool({ url: database.url, name: 'test' });
  const queryRunner = { query: (sql: string) => pool.query(sql) } as unknown as QueryRunner;
  for (const Migration of projectionMigrations) await new Migration().up(queryRunner);
  const registry = new EventRegistry([
    ...accounts.types.map((type) => event(type, Type.Any())),
    ...contracts,
  ]);
  let ticks = 0;
  const store = new MemoryEventStore(() => Date.parse(learnedAt((ticks += 1))));
  const log: string[] = [];
  const note = (message: string): void => void log.push(message);
  const make = (own = models): ProjectionRunner =>
    new ProjectionRunner(pool, store, registry, own, { info: note, warn: note }, TIMES);
  const queries = new Queries(pool, store, () => learnedAt(1_000_000));
  const runner = make();
  await runner.start();
  const running: Running = {
    pool,
    store,
    registry,
    queries,
    log,
    runner,
    another: make,
    caughtUp: async () => queries.waitFor(models, (await store.head()).position),
    close: async () => {
      await running.runner.stop();
      await store.close();
      await pool.end();
      await database.drop();
    },
  };
  return running;
}
