import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { contexts } from '@guanxi/contexts';
import type { Product } from '@guanxi/platform';
import { loadConfig, startProduct } from '@guanxi/platform';
import type { Receiver } from '../../libs/webhooks/src/testing/receiver';
import { startReceiver } from '../../libs/webhooks/src/testing/receiver';
import type { Json } from '../support/product';
import type { TestDatabase } from '../support/postgres';
import { testDatabase } from '../support/postgres';

const KEY = 'a-key-for-end-to-end-tests';

let database: TestDatabase;
let dataDir: string;
let product: Product;
let receiver: Receiver;

beforeAll(async () => {
  database = await testDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'guanxi-e2e-'));
  receiver = await startReceiver();
  product = await start({ GUANXI_WEBHOOK_ALLOW_PRIVATE: 'true', GUANXI_WEBHOOK_ALLOW_HTTP: 'true' });
});

afterAll(async () => {
  await product.close();
  await receiver.close();
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const start = (env: Record<string, string>): Promise<Product> =>
  startProduct({
    contexts,
    config: loadConfig({
      ...{ GUANXI_PORT: '0', GUANXI_DATA_DIR: dataDir, GUANXI_ADMIN_KEY: KEY, DATABASE_URL: database.url },
      ...env,
    }),
  });

async function ask(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly body: Json }> {
  const response = await fetch(`${product.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

const until = async (condition: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await condition())) await pause(20);
};

const openDeal = async (): Promise<string> => {
  const { body } = await ask('POST', '/v1/deals', {
    ...{ title: 'A deal of Zhang San', value: { amount: 100_000, currency: 'CNY' } },
  });
  return String(body.id);
};

describe('webhooks', () => {
  let id: string;
  let secret: string;
  const registration = () => ({ url: receiver.url, topics: ['guanxi.deals'], description: 'for tests' });

  it('are registered by a command whose first answer alone has the secret', async () => {
    const sent = { 'idempotency-key': 'register once' };
    const first = await ask('POST', '/v1/webhooks', registration(), sent);
    expect(first).toMatchObject({
      status: 201,
      body: { status: 'accepted', events: ['webhook-registered.v1'] },
    });
    expect(first.body.secret).toMatch(/^whsec_/);
    ({ id, secret } = first.body);
    const again = await ask('POST', '/v1/webhooks', registration(), sent);
    expect(again.body).toMatchObject({
      id,
      secret: null,
      notice: expect.stringContaining('first answer alone'),
    });
    const listed = await ask('GET', '/v1/webhooks');
    expect(listed.body.items).toMatchObject([{ id, url: receiver.url, status: 'enabled', waitingKeys: 0 }]);
    expect(JSON.stringify(listed.body)).not.toContain('whsec');
    expect((await ask('GET', `/v1/webhooks/${id}`)).body).toMatchObject({ id, description: 'for tests' });
    expect(statSync(join(dataDir, 'secrets.key')).mode & 0o777).toBe(0o600);
  });

  it('tell public events, signed, and nothing of a person', async () => {
    const deal = await openDeal();
    await until(() => receiver.received.length > 0);
    const [first] = receiver.received;
    const { body = '' } = first ?? {};
    expect(JSON.parse(body)).toMatchObject({
      ...{ type: 'guanxi.deal-opened.v1', subject: `deal-${deal}` },
      data: { value: { amount: 100_000, currency: 'CNY' } },
    });
    expect(body).not.toContain('Zhang San');
    const [name, at, signed] = ['id', 'timestamp', 'signature'].map((part) =>
      String(first?.headers[`webhook-${part}`]),
    );
    const text = `${name}.${at}.${body}`;
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', key).update(text).digest('base64');
    expect(signed).toBe(`v1,${signature}`);
    await until(async () => (await ask('GET', `/v1/webhooks/${id}`)).body.lag === '0');
    const { body: listed } = await ask('GET', `/v1/webhooks/${id}/deliveries?status=delivered`);
    expect(listed).toMatchObject({ items: [{ type: 'guanxi.deal-opened.v1', attempts: 1, answer: 204 }] });
  });

  it('are told the past again by a command', async () => {
    const before = receiver.received.length;
    await ask('POST', `/v1/webhooks/${id}/replay`, { after: '0' });
    await until(() => receiver.received.length > before);
    expect(receiver.received.at(-1)?.id).toBe(receiver.received[0]?.id);
  });

  it('are disabled when the receiver is gone, with a notice in health, and resume when enabled', async () => {
    receiver.answering = (response) => void response.writeHead(410).end();
    const deal = await openDeal();
    await until(async () => (await ask('GET', `/v1/webhooks/${id}`)).body.status === 'disabled');
    const health = await ask('GET', '/health/ready');
    expect(health.body.projections.notices.join()).toContain(`webhook ${id} was disabled (gone)`);
    expect(health.body.downstream.webhooks).toMatchObject([
      { webhook: id, status: 'disabled', waitingKeys: 1 },
    ]);
    const { body: waiting } = await ask('GET', `/v1/webhooks/${id}/deliveries?status=waiting`);
    const [delivery] = waiting.items;
    expect(delivery).toMatchObject({ key: `deal-${deal}`, answer: 410 });
    const refused = await ask('POST', `/v1/webhooks/${id}/deliveries/${String(delivery.id)}/retry`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'webhook.disabled' } });
    receiver.answering = (response) => void response.writeHead(200).end('fine');
    await ask('POST', `/v1/webhooks/${id}/enable`, { reason: 'mended' });
    await until(async () => (await ask('GET', `/v1/webhooks/${id}`)).body.waitingKeys === 0);
    expect(receiver.received.at(-1)?.key).toBe(`deal-${deal}`);
  });

  it('are measured', async () => {
    const response = await fetch(`${product.url}/metrics`, { headers: { authorization: `Bearer ${KEY}` } });
    const text = await response.text();
    expect(text).toMatch(
      new RegExp(`guanxi_webhook_deliveries_total{webhook="${id}",outcome="delivered"} [1-9]`),
    );
    expect(text).toContain(`guanxi_webhook_deliveries_total{webhook="${id}",outcome="gone"} 1`);
    for (const name of ['lag_events', 'lag_seconds', 'waiting_keys', 'failing_seconds', 'disabled'])
      expect(text).toMatch(new RegExp(`guanxi_webhook_${name}{webhook="${id}"} [0-9.]+`));
  });

  it.each([
    ['a topic that is not published', { topics: ['guanxi.dels'] }, 'topics'],
    ['a contract that is not published', { types: ['deal-won.v99'] }, 'types'],
    ['no address', { url: 'not an address', topics: ['guanxi.deals'] }, 'url'],
  ])('refuse %s', async (_what, wrong, field) => {
    const answer = await ask('POST', '/v1/webhooks', { url: receiver.url, ...wrong });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it('refuse addresses that are not public, and http, where that is not allowed', async () => {
    await product.close();
    product = await start({});
    const refusals = [
      ['http://partner.example/', 'https://'],
      ['https://127.0.0.1/', 'public internet'],
      ['https://[::ffff:169.254.169.254]/', 'public internet'],
    ] as const;
    for (const [url, words] of refusals) {
      const { status, body } = await ask('POST', '/v1/webhooks', { url, topics: ['guanxi.deals'] });
      expect([status, body.errors?.[0]?.field]).toEqual([400, 'url']);
      expect(body.errors[0].message).toContain(words);
    }
    // One that was registered when it was allowed is not called any more, with words that say why.
    const before = receiver.received.length;
    await openDeal();
    await until(async () => {
      const { body } = await ask('GET', `/v1/webhooks/${id}/deliveries?status=waiting`);
      return String(body.items[0]?.error).includes('GUANXI_WEBHOOK_ALLOW_HTTP');
    });
    expect(receiver.received).toHaveLength(before);
  });

  it('that are removed are not found', async () => {
    expect(await ask('POST', `/v1/webhooks/${id}/remove`, {})).toMatchObject({ status: 200 });
    expect(await ask('GET', `/v1/webhooks/${id}`)).toMatchObject({
      status: 404,
      body: { code: 'webhook.unknown' },
    });
    expect((await ask('GET', '/v1/webhooks')).body.items).toEqual([]);
  });
});
