import type { Appended, ExpectedRevision, StreamWrite } from '@guanxi/event-store';
import { WrongExpectedRevision } from '@guanxi/event-store';
import { parseInstant } from '@guanxi/kernel';
import { ArrayPacker } from '@guanxi/pg-arrays';
import { createPool, migrate } from '@guanxi/platform';
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { testDatabase } from '../../../test/support/postgres';
import { appendKnown, knownColumns } from './append-known';
import type { PendingAppend } from './pending-append';
import { pendingAppend } from './pending-append';
import { PostgresEventStore } from './postgres-event-store';
import { storedOutcome } from './stored-append';

const occurredAt = parseInstant('2026-01-01T00:00:00Z');

/** An append of `count` events under metadata of about `size` characters. */
function some(stream: string, expected: ExpectedRevision, count: number, size = 10): PendingAppend {
  const events = Array.from({ length: count }, (_, n) => ({
    ...{ id: randomUUID(), type: 'noted.v1', occurredAt, data: { n } },
  }));
  return pendingAppend([{ stream, expected, events }], {
    ...{ commandId: 'c', command: 'Note', commandHash: 'h', correlationId: 'c' },
    ...{ actor: 'a'.repeat(size), tenant: 'default', policyVersion: 0 },
  });
}

describe('appends at revisions that are known', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  let client: PoolClient;
  let store: PostgresEventStore;

  beforeAll(async () => {
    database = await testDatabase();
    await migrate(database.url);
    pool = createPool({ url: database.url, name: 'test', max: 4 });
    client = await pool.connect();
    store = new PostgresEventStore(pool);
  });
  afterAll(async () => {
    client.release();
    await store.close();
    await pool.end();
    await database.drop();
  });

  it('leaves it to the other way where large metadata would travel with every event', async () => {
    const known = async (count: number): Promise<readonly Appended[] | undefined> => {
      const group = [some(`thing-${randomUUID()}`, 'new', count, 500_000)];
      const columns = knownColumns(group);
      return columns && appendKnown(client, group, columns, new ArrayPacker());
    };
    expect(await known(2)).toHaveLength(1);
    expect(await known(40)).toBeUndefined();
    const { writes, metadata } = some(`thing-${randomUUID()}`, 'new', 40, 500_000);
    expect(await store.append(writes, metadata)).toMatchObject({ streams: [{ revision: 39 }] });
  });

  it('looks for a repeat where it must stand, however long the stream is', async () => {
    const stream = `thing-${randomUUID()}`;
    const opened = some(stream, 'new', 1);
    const { position } = await store.append(opened.writes, opened.metadata);
    const more = some(stream, 0, 999);
    await store.append(more.writes, more.metadata);
    await client.query('begin');
    expect(await storedOutcome(client, some(stream, 'new', 1))).toBeUndefined();
    expect(await storedOutcome(client, opened)).toMatchObject({ position, repeated: true });
    const { rows } = await client.query<{ fetched: string }>(
      `select idx_tup_fetch as fetched from pg_stat_xact_user_tables where relid = 'es.events'::regclass`,
    );
    await client.query('rollback');
    expect(Number(rows[0]?.fetched)).toBeLessThanOrEqual(2);
  });

  it.each([
    ['new', 5],
    [1, 5],
  ] as const)('answers a repeat that expected %s whole, and no part of it', async (expected, count) => {
    const stream = `thing-${randomUUID()}`;
    const before = some(stream, 'new', 2);
    if (expected !== 'new') await store.append(before.writes, before.metadata);
    const { writes, metadata } = some(stream, expected, count);
    const first = await store.append(writes, metadata);
    expect(await store.append(writes, metadata)).toEqual({ ...first, repeated: true });
    const swapped = writes.map((write) => ({ ...write, events: [...write.events].reverse() }));
    await expect(store.append(swapped, metadata)).rejects.toBeInstanceOf(WrongExpectedRevision);
  });

  it('holds that a stream is empty below the lock, whatever happened while the lock was waited for', async () => {
    const condition = `command-${randomUUID()}`;
    const other = some(condition, 'new', 1);
    const kept = some(`thing-${randomUUID()}`, 'new', 2);
    const held: StreamWrite = { stream: condition, expected: 'new', events: [] };
    const neighbour = some(`thing-${randomUUID()}`, 'new', 1);
    await client.query('begin; select from es.head for update');
    const appends = Promise.allSettled([
      store.append([...kept.writes, held], kept.metadata),
      store.append(neighbour.writes, neighbour.metadata),
    ]);
    const isWaiting = async (): Promise<boolean> => {
      const { rows } = await pool.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%es.append_known(%'`,
      );
      return rows.length > 0;
    };
    while (!(await isWaiting()));
    await client.query('rollback');
    const [first] = await appends;
    expect(first.status).toBe('fulfilled');

    const again = some(`thing-${randomUUID()}`, 'new', 2);
    await client.query('begin; select from es.head for update');
    const second = Promise.allSettled([
      store.append([...again.writes, held], again.metadata),
      store.append(...appendOf(some(`thing-${randomUUID()}`, 'new', 1))),
    ]);
    while (!(await isWaiting()));
    // Another process writes to it meanwhile; it was in front of us at the lock.
    await appendGroup(client, other);
    await client.query('commit');
    const [refused, beside] = await second;
    expect(refused).toMatchObject({ reason: { stream: condition, expected: 'new', actual: 0 } });
    expect(beside.status).toBe('fulfilled');
    expect(await store.readStream(again.writes[0]?.stream ?? '')).toEqual([]);
  });
});

const appendOf = ({ writes, metadata }: PendingAppend) => [writes, metadata] as const;

async function appendGroup(client: PoolClient, append: PendingAppend): Promise<void> {
  const columns = knownColumns([append]);
  if (columns) await appendKnown(client, [append], columns, new ArrayPacker());
}
