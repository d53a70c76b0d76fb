import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { EventStore } from '@guanxi/event-store';
import { PostgresEventStore } from '@guanxi/event-store-postgres';
import type { EventMetadata, Instant, JsonObject, RecordedEvent } from '@guanxi/kernel';
import { createPool, migrate } from '@guanxi/platform';
import type { Pool } from 'pg';
import { testDatabase } from '../../../../test/support/postgres';
import type { PolicyObserver } from '../observer';
import type { AnyPolicy } from '../policy';
import { PolicyRunner } from '../runner';
import type { SendCommand } from '../sender';
import { TableClock } from './table-clock';
import type { TaskEvent } from './tasks';
import { reminders, taskRegistry, taskSender } from './tasks';

/** What a test may want to be otherwise in one worker. */
export interface WorkerOptions {
  readonly policies?: readonly AnyPolicy[];
  readonly send?: SendCommand;
  readonly observer?: PolicyObserver;
}

/** A database with an event store, and workers on it. */
export interface Running {
  readonly url: string;
  readonly pool: Pool;
  readonly store: EventStore;
  readonly clock: TableClock;
  readonly log: string[];
  /** A worker that is not started yet. */
  worker(options?: WorkerOptions): PolicyRunner;
  /** Appends events to a task. */
  tell(id: string, events: readonly TaskEvent[], at?: string): Promise<bigint>;
  /** Every reminder in the log. */
  reminded(): Promise<readonly RecordedEvent[]>;
  close(): Promise<void>;
}

const TIMES = { beatMilliseconds: 50, patienceMilliseconds: 1_000 };

/** Waits until a condition holds. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(20);
}

export const START = '2026-03-02T08:00:00.000Z';

/** @param now what the clock of the timers says at first */
export async function running(now: string = START): Promise<Running> {
  const database = await testDatabase();
  await migrate(database.url);
  const pool = createPool({ url: database.url, name: 'test' });
  await pool.query('create table test_clock as select $1::timestamptz as now', [now]);
  const store = new PostgresEventStore(pool);
  const clock = new TableClock(pool);
  const log: string[] = [];
  const note = (message: string): void => void log.push(message);
  return {
    url: database.url,
    ...{ pool, store, clock, log },
    worker: ({ policies = [reminders], send = taskSender(store), observer } = {}) =>
      new PolicyRunner({
        ...{ pool, store, registry: taskRegistry, policies, send, clock, leaseTimes: TIMES },
        log: { info: note, warn: note },
        ...(observer && { observer }),
      }),
    tell: async (id, events, at = now) => {
      const stream = `task-${id}`;
      const written = events.map(({ type, data }) => ({
        ...{ id: randomUUID(), type, data: data as JsonObject, occurredAt: at as Instant },
      }));
      const { position } = await store.append([{ stream, expected: 'any', events: written }], metadata());
      return position;
    },
    reminded: async () => {
      const found: RecordedEvent[] = [];
      const filter = { types: ['task-reminded.v1'] };
      for await (const page of store.readAll({ after: 0n, filter })) found.push(...page);
      return found;
    },
    close: async () => {
      await store.close();
      await pool.end();
      await database.drop();
    },
  };
}

const metadata = (): EventMetadata => ({
  ...{ commandId: randomUUID(), command: 'Test', commandHash: 'hash', correlationId: 'a correlation' },
  ...{ actor: 'tester', tenant: 'default', policyVersion: 0 },
});
