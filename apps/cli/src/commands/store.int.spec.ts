import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, migrate } from '@guanxi/platform';
import type { Pool } from 'pg';
import type { TestDatabase } from '../../../../test/support/postgres';
import { testDatabase } from '../../../../test/support/postgres';
import type { Ran } from '../testing/ran';
import { ran } from '../testing/ran';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await testDatabase();
  pool = createPool({ url: database.url, name: 'test', max: 2 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const guanxi = (...argv: readonly string[]): Promise<Ran> =>
  ran(['store', ...argv], { DATABASE_URL: database.url });

it('says where there is no store', async () => {
  expect(await guanxi('stats')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/no event store here.*store.missing/),
  });
  const dir = mkdtempSync(join(tmpdir(), 'guanxi-cli-'));
  const { code, json } = await ran(['store', 'verify', '--json'], { GUANXI_DATA_DIR: dir });
  expect(code).toBe(1);
  expect(json).toMatchObject({ error: { code: 'store.missing' } });
  rmSync(dir, { recursive: true });
});

it('says where nobody answers, and where the store is elsewhere', async () => {
  const away = { DATABASE_URL: 'postgres://somebody:hunter2@127.0.0.1:9/guanxi' };
  const { code, err } = await ran(['store', 'stats'], away);
  expect(code).toBe(1);
  expect(err).toMatch(/127\.0\.0\.1:9.*store\.unreachable/);
  expect(err).not.toContain('hunter2');
  const cluster = { ...away, KURRENTDB_URL: 'kurrentdb://127.0.0.1:2113' };
  expect(await ran(['store', 'stats'], cluster)).toMatchObject({
    code: 1,
    err: expect.stringContaining('store.elsewhere'),
  });
});

it.each(['0', '-1', '1.5', 'x', '9999999999999999999'])('takes %s for wrong use of --from', async (from) => {
  expect(await guanxi('verify', '--from', from)).toMatchObject({
    code: 2,
    err: expect.stringMatching(/whole number from 1[^]*Usage: guanxi store verify/),
  });
});

describe('on a store', () => {
  beforeAll(async () => {
    await migrate(database.url);
    await pool.query(
      `insert into es.events select n, 'deal-' || (n + 1) / 2, (n + 1) % 2, gen_random_uuid(), 'noted.v1', now(), now(), '{}', '{}'
         from generate_series(1, 2400) n;
       update es.head set position = 2400, recorded_at = now()`,
    );
  });

  it('tells its size, to people and to machines', async () => {
    const { code, out } = await guanxi('stats');
    expect(code).toBe(0);
    expect(out).toMatch(/^events +2,400$/m);
    expect(out).toMatch(/^streams +1,200$/m);
    expect(out).toMatch(/^bytes +\d+\.\d MB \(table \d+\.\d MB, indexes \d+\.\d MB\)$/m);
    expect(out).toMatch(/^first recorded +20\d\d-/m);
    expect(out).toMatch(/^deal-1 +2$/m);
    expect(out).toMatch(/^noted\.v1 +2,400$/m);
    expect((await guanxi('stats', '--json')).json).toMatchObject({
      ...{ events: 2400, streams: 1200, head: '2400', bytes: { total: expect.any(Number) } },
      commonestTypes: [{ type: 'noted.v1', events: 2400 }],
    });
  });

  it('finds no fault where there is none', async () => {
    expect(await guanxi('verify')).toMatchObject({ code: 0, out: '2400 events from 1 to 2400: no fault\n' });
    expect(await guanxi('verify', '--from', '2399', '--json')).toMatchObject({
      code: 0,
      json: { ok: true, complete: true, events: 2, from: '2399', to: '2400', found: 0, faults: [] },
    });
  });

  it('tells each fault with its place, and fails', async () => {
    await pool.query(
      `delete from es.events where position = 1000; update es.events set data = 'x' where position = 7`,
    );
    const { code, out } = await guanxi('verify');
    expect(code).toBe(1);
    expect(out).toBe(
      [
        'data at 7 in deal-4: is no JSON',
        'gap at 1000: no event is there',
        '2399 events from 1 to 2400: 2 faults\n',
      ].join('\n'),
    );
    const machine = await guanxi('verify', '--json');
    expect(machine).toMatchObject({
      code: 1,
      json: {
        ...{ ok: false, found: 2 },
        faults: [
          { kind: 'data', position: '7', stream: 'deal-4', detail: 'is no JSON' },
          { kind: 'gap', position: '1000', detail: 'no event is there' },
        ],
      },
    });
    expect(machine.out.trimEnd().split('\n')).toHaveLength(1);
  });

  it('names no more than a thousand to a machine, and counts all', async () => {
    await pool.query(`update es.events set metadata = ''`);
    const { json } = await guanxi('verify', '--json');
    expect(json).toMatchObject({ found: 2401 });
    expect((json as { faults: unknown[] }).faults).toHaveLength(1000);
  });
});
