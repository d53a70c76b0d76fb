import { createPool, migrate } from '@guanxi/platform';
import { parseInstant } from '@guanxi/kernel';
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { TestDatabase } from '../../../../test/support/postgres';
import { testDatabase } from '../../../../test/support/postgres';
import { PostgresEventStore } from '../postgres-event-store';
import type { StoreFault, Verified } from './faults';
import { StoreInspection } from './store-inspection';

let database: TestDatabase;
let pool: Pool;
let inspection: StoreInspection;
beforeAll(async () => {
  database = await testDatabase();
  pool = createPool({ url: database.url, name: 'test', max: 4 });
  inspection = new StoreInspection(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const metadata = {
  ...{ commandId: 'c', command: 'Note', commandHash: 'h', correlationId: 'c' },
  ...{ actor: 'tester', tenant: 'default', policyVersion: 0 },
};
const occurredAt = parseInstant('2026-01-01T00:00:00Z');
const noted = (type: string, note: string) => ({ id: randomUUID(), type, occurredAt, data: { note } });

/** Ten events: `deal-1` at 1, 2, 5 and 8, `deal-2` at 3, 4, 6, `customer-1` at 7, 9 and, larger than a page takes, 10. */
async function fill(): Promise<void> {
  await pool.query("truncate es.events; update es.head set position = 0, recorded_at = 'epoch'");
  const store = new PostgresEventStore(pool);
  const write = (stream: string, ...notes: readonly string[]) =>
    store.append(
      [
        {
          stream,
          expected: 'any',
          events: notes.map((note) => noted(`${stream.split('-')[0] ?? ''}.v1`, note)),
        },
      ],
      metadata,
    );
  await write('deal-1', 'a', 'b');
  await write('deal-2', 'c', 'd');
  await write('deal-1', 'e');
  await write('deal-2', 'f');
  await write('customer-1', 'g');
  await write('deal-1', 'h');
  await write('customer-1', 'i', 'j'.repeat(40_000));
  await store.close();
}

async function verify(from?: bigint): Promise<{ faults: StoreFault[]; verified: Verified }> {
  const faults: StoreFault[] = [];
  const steps = inspection.verify(from === undefined ? {} : { from });
  let step = await steps.next();
  for (; !step.done; step = await steps.next()) faults.push(step.value);
  return { faults, verified: step.value };
}

it('knows whether there is a store', async () => {
  expect(await inspection.exists()).toBe(false);
  await migrate(database.url);
  expect(await inspection.exists()).toBe(true);
});

describe('a store without a fault', () => {
  it('has none when it is empty', async () => {
    await pool.query("truncate es.events; update es.head set position = 0, recorded_at = 'epoch'");
    expect(await verify()).toEqual({ faults: [], verified: { events: 0, faults: 0, from: 1n, to: 0n } });
    const stats = await inspection.stats();
    expect(stats).toMatchObject({ events: 0, streams: 0, head: 0n, biggestStreams: [], commonestTypes: [] });
    expect(stats.firstRecordedAt).toBeUndefined();
  });

  it('has none when it is full, wherever one begins to look', async () => {
    await fill();
    expect(await verify()).toEqual({ faults: [], verified: { events: 10, faults: 0, from: 1n, to: 10n } });
    expect(await verify(6n)).toEqual({ faults: [], verified: { events: 5, faults: 0, from: 6n, to: 10n } });
    expect(await verify(11n)).toEqual({ faults: [], verified: { events: 0, faults: 0, from: 11n, to: 10n } });
  });

  it('is counted', async () => {
    await fill();
    const stats = await inspection.stats();
    expect(stats).toMatchObject({
      ...{ events: 10, streams: 3, head: 10n },
      biggestStreams: [
        { stream: 'deal-1', events: 4 },
        { stream: 'customer-1', events: 3 },
        { stream: 'deal-2', events: 3 },
      ],
      commonestTypes: [
        { type: 'deal.v1', events: 7 },
        { type: 'customer.v1', events: 3 },
      ],
    });
    const { total, table, indexes, byIndex } = stats.bytes;
    expect(total).toBe(table + indexes);
    expect(byIndex.map(({ name }) => name)).toEqual([
      'events_category',
      'events_pkey',
      'events_stream',
      'events_type',
    ]);
    expect(byIndex.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(indexes);
    const { rows } = await pool.query(
      'select min(recorded_at) as first, max(recorded_at) as last from es.events',
    );
    expect(stats.firstRecordedAt).toBe(rows[0].first.toISOString());
    expect(stats.lastRecordedAt).toBe(rows[0].last.toISOString());
  });
});

describe('a damaged store', () => {
  beforeEach(fill);

  it.each<[string, string, readonly Partial<StoreFault>[]]>([
    [
      'an event that is gone',
      'delete from es.events where position = 5',
      [
        { kind: 'gap', position: 5n, detail: 'no event is there' },
        {
          kind: 'revision',
          position: 8n,
          stream: 'deal-1',
          detail: 'revision 3 has no revision 2 before it',
        },
      ],
    ],
    [
      'several that are gone',
      'delete from es.events where position in (1, 2, 3)',
      [
        { kind: 'gap', position: 1n, detail: 'no event is there up to 3, 3 positions' },
        { kind: 'revision', position: 4n, stream: 'deal-2' },
        { kind: 'revision', position: 5n, stream: 'deal-1' },
      ],
    ],
    [
      'the last ones, which are gone',
      'delete from es.events where position > 8',
      [{ kind: 'head', position: 10n, detail: '2 events up to the head are missing: the last one is at 8' }],
    ],
    [
      'all, which are gone',
      'delete from es.events',
      [{ kind: 'head', position: 10n, detail: '10 events up to the head are missing: the last one is at 0' }],
    ],
    [
      'a head that fell behind',
      'update es.head set position = 8',
      [
        { kind: 'head', position: 8n, detail: 'the head lies below the last event, which is at 10' },
        { kind: 'orphan', position: 9n, stream: 'customer-1', detail: 'lies above the head, which is at 8' },
        { kind: 'orphan', position: 10n, stream: 'customer-1' },
      ],
    ],
    [
      'a head that is gone',
      'delete from es.head',
      [{ kind: 'head', position: 10n, detail: 'the head row is missing' }],
    ],
    [
      'a head of another time',
      `update es.head set recorded_at = 'epoch'`,
      [{ kind: 'head', position: 10n, detail: 'the head is dated before the last event' }],
    ],
    [
      'an event below the log',
      `update es.events set position = -3, recorded_at = 'epoch' where position = 7`,
      [
        { kind: 'orphan', position: -3n, detail: 'lies below position 1' },
        { kind: 'gap', position: 7n },
      ],
    ],
    [
      'a microsecond that runs backwards',
      `update es.events set recorded_at = (select recorded_at from es.events where position = 3) - interval '1 microsecond'
        where position = 4`,
      [{ kind: 'inversion', position: 4n, stream: 'deal-2' }],
    ],
    [
      'a revision that was left out',
      'update es.events set revision = 7 where position = 8',
      [
        {
          kind: 'revision',
          position: 8n,
          stream: 'deal-1',
          detail: 'revision 7 has no revision 6 before it',
        },
      ],
    ],
    [
      'a stream that does not begin at 0',
      `update es.events set revision = revision + 1 where stream = 'customer-1'`,
      [
        {
          kind: 'revision',
          position: 7n,
          stream: 'customer-1',
          detail: 'revision 1 has no revision 0 before it',
        },
      ],
    ],
    [
      'a revision below 0',
      `update es.events set revision = -1 where position = 7`,
      [
        { kind: 'revision', position: 7n, detail: 'revision -1 is below 0' },
        { kind: 'revision', position: 9n, detail: 'revision 1 has no revision 0 before it' },
      ],
    ],
    [
      'revisions in the wrong order',
      `update es.events set revision = case position when 1 then 1 else 0 end where position in (1, 2)`,
      [{ kind: 'revision', position: 1n, stream: 'deal-1', detail: 'revision 1 lies below revision 0' }],
    ],
    [
      'a revision that stands twice',
      `update es.events set stream = 'deal-1', revision = 2 where position = 6`,
      [
        { kind: 'revision', position: 5n, detail: 'revision 2 stands 2 times in its stream' },
        { kind: 'revision', position: 6n, detail: 'revision 2 stands 2 times in its stream' },
      ],
    ],
    [
      'an id that stands three times',
      'update es.events set id = (select id from es.events where position = 2) where position in (6, 9)',
      [
        {
          kind: 'duplicate-id',
          position: 6n,
          detail: expect.stringMatching(/^has the id \S{36} of the event at 2$/),
        },
        { kind: 'duplicate-id', position: 9n },
      ],
    ],
    [
      'data that is no JSON',
      `update es.events set data = '{"note":' where position = 3`,
      [{ kind: 'data', position: 3n, stream: 'deal-2', detail: 'is no JSON' }],
    ],
    [
      'data that is empty',
      `update es.events set data = '' where position = 3`,
      [{ kind: 'data', position: 3n }],
    ],
    [
      'data that is JSON, but no object',
      `update es.events set data = '[1]' where position = 3`,
      [{ kind: 'data', position: 3n, detail: 'is JSON, but no object' }],
    ],
    [
      'data that is large and cut off',
      `update es.events set data = left(data, 30000) where position = 10`,
      [{ kind: 'data', position: 10n, stream: 'customer-1', detail: 'is no JSON' }],
    ],
    [
      'metadata that is no JSON',
      `update es.events set metadata = 'null' where position = 3`,
      [{ kind: 'metadata', position: 3n, stream: 'deal-2', detail: 'is JSON, but no object' }],
    ],
  ])('tells of %s, and of nothing else', async (_name, damage, expected) => {
    await pool.query('drop index es.events_stream');
    try {
      await pool.query(damage);
      const { faults, verified } = await verify();
      expect(faults).toEqual(expected.map((fault) => expect.objectContaining(fault)));
      expect(verified.faults).toBe(expected.length);
    } finally {
      await pool.query(`truncate es.events;
        create unique index events_stream on es.events (stream text_pattern_ops, revision);
        insert into es.head values (true, 0, 'epoch') on conflict (only_row) do update set position = 0, recorded_at = 'epoch'`);
    }
  });

  it('is looked at from a position on: what lies before is taken for right, and still compared with', async () => {
    await pool.query(`update es.events set data = 'x' where position in (2, 8);
      update es.events set recorded_at = 'epoch' where position = 6`);
    expect((await verify(6n)).faults).toMatchObject([
      { kind: 'inversion', position: 6n },
      { kind: 'data', position: 8n },
    ]);
  });

  it('is told of nothing but the place: never of content', async () => {
    await pool.query(`update es.events set data = '{"note":"a secret' where position = 3`);
    expect(JSON.stringify((await verify()).faults.map(({ detail }) => detail))).not.toContain('secret');
  });
});

describe('a store of many pages', () => {
  beforeAll(async () => {
    await pool.query(
      `truncate es.events;
       insert into es.events select n, 'bulk-' || n / 3, n % 3, gen_random_uuid(), 'noted.v1', now(), now(), '{}', '{}'
         from generate_series(3, 3502) n;
       update es.events set position = position - 2;
       update es.head set position = 3500, recorded_at = now()`,
    );
  });

  it('is looked at page by page, with word of how far', async () => {
    const told: bigint[] = [];
    const steps = inspection.verify({ onProgress: (position, last) => told.push(position, last) });
    expect(await steps.next()).toEqual({
      done: true,
      value: { events: 3500, faults: 0, from: 1n, to: 3500n },
    });
    expect(told).toEqual([1000n, 3500n, 2000n, 3500n, 3000n, 3500n, 3500n, 3500n]);
  });

  it('can be left early', async () => {
    const stop = new AbortController();
    const steps = inspection.verify({ signal: stop.signal, onProgress: () => stop.abort() });
    expect(await steps.next()).toMatchObject({ done: true, value: { events: 1000, to: 1000n } });
  });

  it('compares across the border of pages', async () => {
    await pool.query(`delete from es.events where position between 1000 and 1001`);
    const { faults } = await verify();
    expect(faults.filter(({ kind }) => kind === 'gap')).toMatchObject([
      { position: 1000n, detail: 'no event is there up to 1001, 2 positions' },
    ]);
  });

  it('takes appends while it is looked at', async () => {
    await fill();
    const store = new PostgresEventStore(pool);
    const steps = inspection.verify({
      onProgress: () =>
        void store.append([{ stream: 'deal-9', expected: 'any', events: [noted('deal.v1', 'x')] }], metadata),
    });
    expect(await steps.next()).toMatchObject({ done: true, value: { events: 10, faults: 0 } });
    await store.close();
    expect((await verify()).verified).toMatchObject({ events: 11, faults: 0 });
  });
});
