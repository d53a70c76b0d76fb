import { EventRegistry, MemoryEventStore } from '@guanxi/event-store';
import { event } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';
import type { Pool } from 'pg';
import { createPool } from '@guanxi/platform';
import type { QueryRunner } from 'typeorm';
import { testDatabase } from '../../../../test/support/postgres';
import { ProjectionsSchema1763800000001 } from '../migration';
import { Queries } from '../queries';
import type { AnyReadModel } from '../read-model';
import { ProjectionRunner } from '../runner';
import { accounts, learnedAt } from './ledger-model';

/** A database with read models that follow a store, for tests of the engine. */
export interface Running {
  readonly pool: Pool;
  readonly store: MemoryEventStore;
  readonly queries: Queries;
  readonly log: string[];
  runner: ProjectionRunner;
  /** A second runner on the same database and store, not yet started. */
  another(): ProjectionRunner;
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** @param models read models to be kept; the test's accounts where left out */
export async function running(models: readonly AnyReadModel[] = [accounts]): Promise<Running> {
  const database = await testDatabase();
  const pool = createPool({ url: database.url, name: 'test' });
  await new ProjectionsSchema1763800000001().up({
    query: (sql: string) => pool.query(sql),
  } as unknown as QueryRunner);
  const registry = new EventRegistry(accounts.types.map((type) => event(type, Type.Any())));
  let ticks = 0;
  const store = new MemoryEventStore(() => Date.parse(learnedAt((ticks += 1))));
  const log: string[] = [];
  const note = (message: string): void => void log.push(message);
  const make = (): ProjectionRunner =>
    new ProjectionRunner(pool, store, registry, models, { info: note, warn: note });
  const queries = new Queries(pool, store, () => learnedAt(1_000_000));
  const runner = make();
  await runner.start();
  const running: Running = {
    pool,
    store,
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
