import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Product } from '@guanxi/platform';
import { JsonLog, startProduct } from '@guanxi/platform';
import { steeringContext } from '@guanxi/steering';
import type { TestDatabase } from '../../../../test/support/postgres';
import { testDatabase } from '../../../../test/support/postgres';
import { customersContext } from '../customers.context';
import { idNo } from '../testing/record';

const KEY = 'an-admin-key-of-a-test';
const dataDir = mkdtempSync(join(tmpdir(), 'guanxi-customers-'));
const logged: string[] = [];
let database: TestDatabase;
let product: Product;
let position = '0';

beforeAll(async () => {
  database = await testDatabase();
  product = await startProduct({
    config: {
      host: '127.0.0.1',
      port: 0,
      dataDir,
      adminKey: KEY,
      role: 'all',
      logLevel: 'info',
      databaseUrl: database.url,
      client: {},
    },
    contexts: [customersContext, steeringContext],
    log: new JsonLog('info', (line) => logged.push(line)),
  });
});
afterAll(async () => {
  await product.close();
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${product.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${KEY}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  return { status: response.status, text, body: isJson ? JSON.parse(text) : undefined };
}

/** Sends a command; id and moment travel beside its fields. */
async function send(path: string, { data, ...beside }: { id?: string; occurredAt?: string; data: object }) {
  const answer = await call('POST', path, { ...beside, ...data });
  position = answer.body?.position ?? position;
  return answer;
}

const get = (path: string, headers: Record<string, string> = {}) =>
  call('GET', path, undefined, { 'guanxi-min-position': position, ...headers });

const customer = idNo('customer', 1);
const purchase = idNo('purchase', 1);

it('carries a customer from its registration to its loss and back, over HTTP', async () => {
  const opened = await send('/v1/customers', {
    id: customer,
    occurredAt: '2025-01-01T00:00:00Z',
    data: { name: 'Mrs Secret', region: 'West', yearlyRevenue: { amount: 500, currency: 'CNY' } },
  });
  expect(opened).toMatchObject({ status: 201, body: { id: customer, events: ['customer-registered.v1'] } });
  const bought = await send('/v1/purchases', {
    id: purchase,
    occurredAt: '2025-02-01T00:00:00Z',
    data: {
      customerId: customer,
      currency: 'CNY',
      lines: [{ product: 'A', quantity: 2, revenue: 900, costOfGoods: 400 }],
    },
  });
  expect(bought.status).toBe(201);
  const refund = await send(`/v1/purchases/${purchase}/refund`, {
    occurredAt: '2025-03-01T00:00:00Z',
    data: { amount: 100 },
  });
  expect(refund.status).toBe(200);
  await send(`/v1/customers/${customer}/end`, {
    occurredAt: '2025-06-01T00:00:00Z',
    data: { cause: 'service' },
  });
  expect((await get(`/v1/customers/${customer}`)).body).toMatchObject({
    status: 'lost',
    activeSince: '2025-02-01T00:00:00.000Z',
    revenueLost: { amount: 500, currency: 'CNY' },
  });
  expect((await get(`/v1/customers/${customer}?asOf=2025-03-01T00:00:00Z`)).body).toMatchObject({
    status: 'active',
  });
  await send(`/v1/customers/${customer}/reactivate`, { occurredAt: '2025-07-01T00:00:00Z', data: {} });

  const churn = await get('/v1/churn/history?from=2025-01-01&to=2026-01-01&by=region,tenure&margin=0.1');
  expect(churn.body).toMatchObject({
    from: '2025-01-01T00:00:00.000Z',
    margin: 0.1,
    total: {
      opening: 0,
      new: 1,
      lost: 1,
      returned: 1,
      closing: 1,
      churnLoss: { amount: 50, currency: 'CNY' },
    },
    groups: [{ key: 'West | 01-12', closing: 1 }],
    previous: null,
  });
  expect((await get(`/v1/purchases/${purchase}`)).body).toMatchObject({
    refunded: { amount: 100, currency: 'CNY' },
  });
  expect((await get('/v1/purchases/totals?from=2025-01-01&to=2026-01-01&by=month')).body.groups).toHaveLength(
    2,
  );
  expect((await get('/v1/segments/pyramid?from=2025-01-01&to=2026-01-01')).body.tiers).toHaveLength(4);
  expect((await get('/v1/segments/rfm?window=36000')).body).toMatchObject({ customers: 1 });
  expect((await get('/v1/segments/rfm/customers?window=36000')).body.items).toHaveLength(1);
  expect((await get('/v1/customers?status=active,lost&region=West')).body.items).toHaveLength(1);
  expect((await get('/v1/purchases?from=2025-02-01&to=2025-02-02')).body.items).toHaveLength(1);
});

it('exports groups as CSV', async () => {
  const { text } = await get('/v1/purchases/totals?from=2025-01-01&to=2026-01-01&by=quarter', {
    accept: 'text/csv',
  });
  expect(text.split(/\r?\n/)[1]).toContain('2025-Q1');
});

it.each([
  ['/v1/churn/history?from=yesterday', 'from'],
  ['/v1/churn/history?from=2026-01-01&to=2025-01-01', 'to'],
  ['/v1/churn/history?margin=2', 'margin'],
  ['/v1/churn/history?by=shoeSize', 'by'],
  ['/v1/churn/history?tier=vip', 'tier'],
  ['/v1/segments/pyramid?basis=weight', 'basis'],
  ['/v1/segments/rfm?window=0', 'window'],
  ['/v1/purchases/totals?by=weekday', 'by'],
  ['/v1/customers?attribute=contract', 'attribute'],
  ['/v1/customers?sort=shoeSize', 'sort'],
])('refuses %s, naming the field %s', async (path, field) => {
  const { status, body } = await get(path);
  expect(status).toBe(400);
  expect(body.errors).toEqual([expect.objectContaining({ field })]);
});

it('refuses purchases of a customer whom nobody registered, naming the field', async () => {
  const nobody = idNo('customer', 99);
  const lines = [{ product: 'A', quantity: 1, revenue: 1 }];
  const refused = await send('/v1/purchases', { data: { customerId: nobody, currency: 'CNY', lines } });
  expect(refused).toMatchObject({
    status: 404,
    body: { errors: [{ field: 'customerId', pointer: '/customerId' }] },
  });
});

it('knows no customer or purchase that is not there, and no customer before its time', async () => {
  expect((await get(`/v1/customers/${idNo('customer', 99)}`)).status).toBe(404);
  expect((await get(`/v1/purchases/${idNo('purchase', 99)}`)).status).toBe(404);
  expect((await get(`/v1/customers/${customer}?asOf=2020-01-01T00:00:00Z`)).status).toBe(404);
});

it('logs no name', () => {
  expect(logged.length).toBeGreaterThan(0);
  expect(logged.join('')).not.toContain('Mrs Secret');
});
