import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contexts } from '@guanxi/contexts';
import type { Product } from '@guanxi/platform';
import { createPool, loadConfig, startProduct } from '@guanxi/platform';
import { TestServer } from '../support/kurrentdb/server';
import { testDatabase } from '../support/postgres';
import type { Json } from '../support/product';

const KEY = 'a-key-for-end-to-end-tests';
const models = contexts.flatMap(({ readModels }) => readModels);

describe('the product with its events in KurrentDB', () => {
  let server: TestServer;
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let dataDir: string;
  let product: Product;

  const start = (environment: Record<string, string> = {}): Promise<Product> => {
    const config = loadConfig({
      GUANXI_PORT: '0',
      GUANXI_DATA_DIR: dataDir,
      GUANXI_ADMIN_KEY: KEY,
      DATABASE_URL: database.url,
      KURRENTDB_URL: server.url(),
      ...environment,
    });
    return startProduct({ config, contexts });
  };
  const ask = async (method: string, path: string, body?: object, headers = {}): Promise<Json> => {
    const response = await fetch(`${product.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const get = async (path: string): Promise<Json> => {
    await product.queries.waitFor(models, (await product.store.head()).position);
    const { status, body } = await ask('GET', path);
    expect([status, path]).toEqual([200, path]);
    return body;
  };

  beforeAll(async () => {
    server = await TestServer.start();
    database = await testDatabase();
    dataDir = mkdtempSync(join(tmpdir(), 'guanxi-kurrent-'));
    product = await start();
  });
  afterAll(async () => {
    await product.close();
    server.stop();
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('carries out commands, answers a repeat as the first time, and shows the board', async () => {
    const seller = { name: 'A seller', region: 'West', occurredAt: '2026-01-01T00:00:00Z' };
    const { status, body: west } = await ask('POST', '/v1/sellers', seller);
    expect(status).toBe(201);
    const opened = {
      value: { amount: 700, currency: 'CNY' },
      owner: west.id,
      occurredAt: '2026-01-10T00:00:00Z',
    };
    const key = { 'idempotency-key': randomUUID() };
    const first = await ask('POST', '/v1/deals', opened, key);
    const again = await ask('POST', '/v1/deals', opened, key);
    expect(again.body.id).toBe(first.body.id);
    // Statistics of the server lie between our events: nobody may wait for them, and nobody may see them.
    server.log.writeSystemEvent();
    const board = await get('/v1/pipeline/board');
    expect(board.total).toMatchObject({ count: 1, value: { amount: 700, currency: 'CNY' } });
    const events = await get('/v1/events');
    expect(events.items.map(({ type }: Json) => type)).toEqual(['seller-defined.v1', 'deal-opened.v1']);
  });

  it('knows what was known at a moment', async () => {
    const { items } = await get('/v1/events');
    const known = items[0].recordedAt;
    await ask('POST', '/v1/sellers', { name: 'Another', region: 'East' });
    const then = await ask('GET', `/v1/events?asKnownAt=${encodeURIComponent(known)}`);
    expect(then.body.items.length).toBeLessThan((await get('/v1/events')).items.length);
    expect(then.body.items[0].recordedAt).toBe(known);
  });

  it('goes on where it was after a restart', async () => {
    const before = await get('/v1/pipeline/board');
    await product.close();
    product = await start();
    // Ages grow while the product starts.
    const after = await get(`/v1/pipeline/board?asOf=${before.asOf}`);
    expect(after.total).toEqual(before.total);
  });

  it('does not start on read models of another event store', async () => {
    const other = await TestServer.start();
    await expect(start({ KURRENTDB_URL: other.url() })).rejects.toThrow(/made from another event store/);
    other.stop();
    await expect(start({ KURRENTDB_URL: '' })).rejects.toThrow(/made from another event store/);
  });

  it('does not start beside an event store in PostgreSQL', async () => {
    const used = await testDatabase();
    const own = await startProduct({
      config: loadConfig({
        GUANXI_PORT: '0',
        GUANXI_DATA_DIR: dataDir,
        GUANXI_ADMIN_KEY: KEY,
        DATABASE_URL: used.url,
      }),
      contexts,
    });
    await fetch(`${own.url}/v1/sellers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'A seller', region: 'West' }),
    });
    await own.close();
    const pool = createPool({ url: used.url, name: 'test', max: 1 });
    expect((await pool.query('select 1 from es.events')).rowCount).toBeGreaterThan(0);
    await pool.end();
    await expect(start({ DATABASE_URL: used.url })).rejects.toThrow(/holds an event store of its own/);
    await used.drop();
  });

  it('says in time, and without the password, that nobody answers', async () => {
    const begun = performance.now();
    const away = 'kurrentdb://admin:hunter2@127.0.0.1:1?tls=true&defaultDeadline=2000';
    const error = await start({ KURRENTDB_URL: away }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('KURRENTDB_URL'),
    });
    expect((error as Error).message).not.toContain('hunter2');
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});
