import { createPool, migrate } from '@guanxi/platform';
import { parseInstant } from '@guanxi/kernel';
import type { RecordedEvent } from '@guanxi/kernel';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { TestDatabase } from '../../../test/support/postgres';
import { testDatabase } from '../../../test/support/postgres';
import { StoreInspection } from './inspection/store-inspection';
import { eventStoreMigrations } from './migrations';
import { PostgresEventStore } from './postgres-event-store';

const firstRelease = readFileSync(join(__dirname, 'migrations/testing/first-release.sql'), 'utf8');
const CUSTOMER = 'customer-4e72d9ca-ec52-5c5c-adf0-a9dd5d379983';
const DEAL = 'deal-60f59e2b-541c-5e43-a883-2f548c4f4b0f';
const OTHER_DEAL = 'deal-9f353020-b2e2-5e34-a081-e533129500a4';

let database: TestDatabase;
let pool: Pool;
beforeEach(async () => {
  database = await testDatabase();
  pool = createPool({ url: database.url, name: 'test', max: 6 });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

async function withStore<T>(use: (store: PostgresEventStore) => Promise<T>): Promise<T> {
  const store = new PostgresEventStore(pool);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function allOf(store: PostgresEventStore): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of store.readAll({ after: 0n })) events.push(...page);
  return events;
}

async function faults(): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const fault of new StoreInspection(pool).verify()) found.push(fault);
  return found;
}

const metadata = {
  ...{ commandId: 'c', command: 'Note', commandHash: 'h', correlationId: 'c' },
  ...{ actor: 'tester', tenant: 'default', policyVersion: 0 },
};

/** An append as the release before sends it. @returns its position */
async function olderAppend(stream: string, expected: number): Promise<number> {
  const writes = [{ g: 0, w: 0, stream, expected, events: 1, metadata: JSON.stringify(metadata) }];
  const at = '2025-01-01T00:00:00Z';
  const events = [{ w: 0, i: 1, id: randomUUID(), type: 'noted.v1', at, data: '{"by":"the older"}' }];
  const { rows } = await pool.query('select es.append($1::json, $2::json) as outcomes', [
    JSON.stringify(writes),
    JSON.stringify(events),
  ]);
  const [outcome] = rows[0].outcomes;
  expect(outcome.refused).toBeNull();
  return Number(outcome.position);
}

async function schema(): Promise<unknown> {
  const { rows: indexes } = await pool.query(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition, i.indisvalid
       from pg_index i where i.indrelid in ('es.events'::regclass, 'es.head'::regclass) order by 1`,
  );
  const { rows: constraints } = await pool.query(
    `select conname, pg_get_constraintdef(oid) from pg_constraint
      where conrelid = 'es.events'::regclass and contype in ('p', 'u') order by 1`,
  );
  const { rows: functions } = await pool.query(
    `select oid::regprocedure::text as name, proconfig from pg_proc
      where pronamespace = 'es'::regnamespace order by 1`,
  );
  return { indexes, constraints, functions };
}

describe('a database of the first release', () => {
  beforeEach(() => pool.query(firstRelease));

  it('reads back as it was, takes appends, and is whole', async () => {
    await migrate(database.url);
    await withStore(async (store) => {
      const before = await allOf(store);
      expect(
        before.map(({ position, stream, revision, type }) => [position, stream, revision, type]),
      ).toEqual([
        [1n, CUSTOMER, 0, 'customer-registered.v1'],
        [2n, DEAL, 0, 'deal-opened.v1'],
        [3n, DEAL, 1, 'first-meeting-held.v1'],
        [4n, DEAL, 2, 'deal-advanced.v1'],
        [5n, OTHER_DEAL, 0, 'deal-opened.v1'],
        [6n, OTHER_DEAL, 1, 'deal-lost.v1'],
      ]);
      expect(before[0]?.data).toEqual({ name: 'Ku\u0308nstler & S\u00f6hne \u4e0a\u6d77', region: 'east' });
      expect(before[3]).toMatchObject({
        occurredAt: '2024-02-10T09:00:00.000Z',
        recordedAt: '2025-11-22T10:07:28.938Z',
        data: { from: 'E', to: 'D', note: "it's a \\ and a ' here" },
        metadata: { command: 'HoldFirstMeeting', actor: 'importer' },
      });
      const events = [
        { id: randomUUID(), type: 'noted.v1', occurredAt: parseInstant('2026-01-01T00:00:00Z'), data: {} },
      ];
      const appended = await store.append([{ stream: DEAL, expected: 2, events }], metadata);
      expect(appended).toMatchObject({ position: 7n, streams: [{ stream: DEAL, revision: 3 }] });
      expect((await store.readStream(DEAL)).map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
    });
    const { rows } = await pool.query('select data from es.events where position = 2');
    expect(rows[0].data).toBe('{ "spaced":  true , "value": {"amount": 12500000, "currency": "EUR"} }');
    expect(await faults()).toEqual([]);
  });

  it('ends with the schema that an empty database gets', async () => {
    await migrate(database.url);
    const upgraded = await schema();
    await pool.query(
      'drop schema es cascade; drop schema ops cascade; drop schema rm cascade; drop schema if exists analysis cascade',
    );
    await migrate(database.url);
    expect(await schema()).toEqual(upgraded);
  });

  it('goes on taking appends of the release before, while and after it is brought up to date', async () => {
    await pool.query(
      `insert into es.events select n, 'bulk-' || n, 0, gen_random_uuid(), 'noted.v1', now(), now(), '{}', '{}'
         from generate_series(7, 20000) n;
       update es.head set position = 20000, recorded_at = now()`,
    );
    let migrated = false;
    const migration = migrate(database.url).finally(() => (migrated = true));
    let during = 0;
    for (; !migrated; during += 1) expect(await olderAppend('older-1', during - 1)).toBe(20_001 + during);
    await migration;
    expect(during).toBeGreaterThan(3);
    expect(await olderAppend('older-1', during - 1)).toBe(20_001 + during);
    expect(await faults()).toEqual([]);
  });

  it('is brought up to date once by several processes that start together', async () => {
    await Promise.all([1, 2, 3].map(() => migrate(database.url)));
    const { rows } = await pool.query('select name, count(*)::int from ops.migrations group by name');
    expect(rows.map(({ count }) => count)).toEqual(rows.map(() => 1));
    expect(rows.map(({ name }) => name)).toContain('EventStoreIndexes1764000000000');
  });

  it('builds an index again whose build was killed', async () => {
    const reader = await pool.connect();
    const builder = await pool.connect();
    try {
      await reader.query('begin isolation level repeatable read; select from es.events');
      const { rows } = await builder.query('select pg_backend_pid() as pid');
      const build = builder
        .query('create index concurrently events_type on es.events (hashtext(type), (position + 0))')
        .catch((error: unknown) => error);
      await until(`select from pg_stat_progress_create_index where pid = $1 and phase like 'waiting%'`, [
        rows[0].pid,
      ]);
      await pool.query('select pg_terminate_backend($1)', [rows[0].pid]);
      expect(await build).toBeInstanceOf(Error);
    } finally {
      reader.release(true);
      builder.release(true);
    }
    expect(await validity('events_type')).toEqual([{ indisvalid: false }]);
    await migrate(database.url);
    expect(await validity('events_type')).toEqual([{ indisvalid: true }]);
  });

  it('goes on where it was cut off', async () => {
    await migrate(database.url);
    const whole = await schema();
    await pool.query(
      `delete from ops.migrations where name = 'EventStoreIndexes1764000000000'; drop index es.events_category`,
    );
    await migrate(database.url);
    expect(await schema()).toEqual(whole);
  });
});

const runner = {} as QueryRunner;
it.each(eventStoreMigrations.map((Migration) => [Migration.name, new Migration()] as const))(
  '%s refuses to go back, and says what to do',
  async (_name, migration: MigrationInterface) => {
    await expect(migration.down(runner)).rejects.toThrow('forward only: restore a backup');
  },
);

const validity = async (index: string): Promise<unknown[]> => {
  const { rows } = await pool.query(
    `select indisvalid from pg_index where indexrelid = ('es.' || $1::text)::regclass`,
    [index],
  );
  return rows;
};

/** Waits until a query answers a row. */
async function until(text: string, values: unknown[]): Promise<void> {
  while ((await pool.query(text, values)).rows.length === 0) await pause(20);
}
