import type { NewEvent } from '@guanxi/event-store';
import { WrongExpectedRevision } from '@guanxi/event-store';
import { parseInstant } from '@guanxi/kernel';
import { createPool, migrate } from '@guanxi/platform';
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { testDatabase } from '../../../test/support/postgres';
import { PostgresEventStore } from './postgres-event-store';
import { CuttingProxy } from './testing/cutting-proxy';

const happened = (n: number): NewEvent => ({
  id: randomUUID(),
  type: 'something-happened.v1',
  occurredAt: parseInstant('2026-01-01T00:00:00Z'),
  data: { n },
});
const metadata = {
  ...{ commandId: randomUUID(), command: 'Test', commandHash: 'h', correlationId: 'c' },
  ...{ actor: 'tester', tenant: 'default', policyVersion: 0 },
};

describe('the PostgreSQL store whose connection is lost', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let proxy: CuttingProxy;
  let pool: Pool;
  let store: PostgresEventStore;

  beforeAll(async () => {
    database = await testDatabase();
    await migrate(database.url);
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    proxy = await CuttingProxy.before(database.url);
    pool = createPool({ url: proxy.url, name: 'test', max: 4 });
    store = new PostgresEventStore(pool);
  });
  afterEach(async () => {
    await store.close();
    await pool.end();
    await proxy.shut();
  });

  const revisions = async (stream: string): Promise<number[]> =>
    (await store.readStream(stream)).map(({ revision }) => revision);

  it.each(['before-the-server', 'before-the-answer'] as const)(
    'answers each append of a group as it was written, once (cut %s)',
    async (cut) => {
      const old = `thing-${randomUUID()}`;
      await store.append([{ stream: old, expected: 'new', events: [happened(0)] }], metadata);
      const streams = Array.from({ length: 20 }, () => `thing-${randomUUID()}`);
      proxy.arm(streams[7] ?? '', cut);
      const [refused, anywhere, ...appended] = await Promise.allSettled([
        store.append([{ stream: old, expected: 'new', events: [happened(1)] }], metadata),
        store.append([{ stream: old, expected: 'any', events: [happened(2), happened(3)] }], metadata),
        ...streams.map((stream, index) =>
          store.append(
            [{ stream, expected: index % 2 === 0 ? 'any' : 'new', events: [happened(index)] }],
            metadata,
          ),
        ),
      ]);
      expect(proxy.cuts).toBe(1);
      expect(refused).toMatchObject({ status: 'rejected', reason: expect.any(WrongExpectedRevision) });
      expect(anywhere).toMatchObject({ value: { streams: [{ stream: old, revision: 2 }] } });
      expect(await revisions(old)).toEqual([0, 1, 2]);
      for (const [index, stream] of streams.entries()) {
        const [event, ...more] = await store.readStream(stream);
        expect(more).toEqual([]);
        expect(appended[index]).toEqual({
          status: 'fulfilled',
          value: {
            position: event?.position,
            recordedAt: event?.recordedAt,
            streams: [{ stream, revision: 0 }],
            repeated: expect.any(Boolean),
          },
        });
      }
      const { position } = await store.head();
      const { rows } = await pool.query('select count(*)::text as count from es.events');
      expect(rows).toEqual([{ count: String(position) }]);
    },
  );

  it('answers with the revision of a stream that was only looked at, though the answer was lost', async () => {
    const [looked, other] = [`thing-${randomUUID()}`, `thing-${randomUUID()}`];
    const events = [happened(0), happened(1), happened(2)];
    await store.append([{ stream: looked, expected: 'new', events }], metadata);
    proxy.arm(other, 'before-the-answer');
    const writes = [
      { stream: other, expected: 'new' as const, events: [happened(3)] },
      { stream: looked, expected: 'exists' as const, events: [] },
    ];
    expect(await store.append(writes, metadata)).toMatchObject({
      streams: [
        { stream: other, revision: 0 },
        { stream: looked, revision: 2 },
      ],
    });
    expect(proxy.cuts).toBe(1);
  });

  it('tells a subscriber that the store is away', async () => {
    proxy.arm('listen', 'before-the-server');
    const { signal } = new AbortController();
    const subscription = store.subscribe({ after: 0n, signal })[Symbol.asyncIterator]();
    await expect(subscription.next()).rejects.toMatchObject({ code: 'event-store.unavailable' });
  });

  it('waits for a server that is away, and writes what had not been sent', async () => {
    const stream = `thing-${randomUUID()}`;
    await store.append([{ stream, expected: 'new', events: [happened(0)] }], metadata);
    const port = Number(new URL(proxy.url).port);
    await proxy.shut();
    const waiting = store.append([{ stream, expected: 0, events: [happened(1)] }], metadata);
    await proxy.open(port);
    expect(await waiting).toMatchObject({ streams: [{ stream, revision: 1 }] });
    expect(await revisions(stream)).toEqual([0, 1]);
  });

  it('refuses rows that the database has no place for without failing those beside them', async () => {
    const good = `thing-${randomUUID()}`;
    const bad = `thing-${randomUUID()}`;
    await pool.query(`alter table es.events add constraint no_bad check (data not like '%"bad"%')`);
    const outcomes = await Promise.allSettled([
      store.append([{ stream: good, expected: 'new', events: [happened(0)] }], metadata),
      store.append(
        [{ stream: bad, expected: 'new', events: [{ ...happened(0), data: { bad: 'bad' } }] }],
        metadata,
      ),
    ]);
    await pool.query('alter table es.events drop constraint no_bad');
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await revisions(good)).toEqual([0]);
    expect(await revisions(bad)).toEqual([]);
  });
});
