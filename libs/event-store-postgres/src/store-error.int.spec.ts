import { createPool, migrate } from '@guanxi/platform';
import { parseInstant } from '@guanxi/kernel';
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { TestDatabase } from '../../../test/support/postgres';
import { testDatabase } from '../../../test/support/postgres';
import { PostgresEventStore } from './postgres-event-store';

let database: TestDatabase;
let pool: Pool;
let store: PostgresEventStore;
beforeEach(async () => {
  database = await testDatabase();
  await migrate(database.url);
  pool = createPool({ url: database.url, name: 'test', max: 4 });
  store = new PostgresEventStore(pool);
});
afterEach(async () => {
  await store.close();
  await pool.end();
  await database.drop();
});

const metadata = {
  ...{ commandId: 'c', command: 'Note', commandHash: 'h', correlationId: 'c' },
  ...{ actor: 'tester', tenant: 'default', policyVersion: 0 },
};
const occurredAt = parseInstant('2026-01-01T00:00:00Z');
const noted = () => ({ id: randomUUID(), type: 'noted.v1', occurredAt, data: {} });

const append = (stream: string, events = 1) =>
  store.append([{ stream, expected: 'any', events: Array.from({ length: events }, noted) }], metadata);

it('tells of a full disk, writes no half of anything, and goes on when there is room', async () => {
  await append('note-1');
  // The disk of a test cannot be filled: a trigger fails as the server does when it finds no room, in the midst of it.
  await pool.query(`
    create function es.full_disk() returns trigger language plpgsql as
      $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$;
    create trigger full_disk before insert on es.events for each row
      when (new.revision = 2) execute function es.full_disk()`);
  const outcomes = await Promise.allSettled(
    ['note-2', 'note-3', 'note-4'].map((stream) => append(stream, 5)),
  );
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: { name: 'DomainError', code: 'event-store.disk-full', kind: 'unavailable' },
    });
  }
  await pool.query('drop trigger full_disk on es.events');
  expect(await append('note-2', 2)).toMatchObject({
    position: 3n,
    streams: [{ stream: 'note-2', revision: 1 }],
  });
  expect(await store.readStream('note-3')).toEqual([]);
});

it('tells of a database that takes no writes, and still reads', async () => {
  await append('note-1');
  const name = new URL(database.url).pathname.slice(1);
  await pool.query(`alter database ${name} set default_transaction_read_only = on`);
  const reading = createPool({ url: database.url, name: 'test', max: 2 });
  const fallen = new PostgresEventStore(reading);
  try {
    await expect(
      fallen.append([{ stream: 'note-1', expected: 0, events: [noted()] }], metadata),
    ).rejects.toMatchObject({ code: 'event-store.read-only', kind: 'unavailable' });
    expect(await fallen.readStream('note-1')).toHaveLength(1);
    expect(await fallen.head()).toEqual({ position: 1n });
  } finally {
    await fallen.close();
    await reading.end();
  }
});
