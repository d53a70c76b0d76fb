import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contexts } from '@guanxi/contexts';
import type { Product } from '@guanxi/platform';
import { loadConfig, startProduct } from '@guanxi/platform';
import { TestServer } from '../support/kurrentdb/server';
import { testDatabase } from '../support/postgres';
import { SseReader } from '../support/sse';

const KEY = 'a-key-for-end-to-end-tests';
const headers = { authorization: `Bearer ${KEY}` };

it('reads from KurrentDB by the places of its log, in a process that only serves', async () => {
  const server = await TestServer.start();
  const database = await testDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'guanxi-feed-'));
  const config = loadConfig({
    ...{ GUANXI_PORT: '0', GUANXI_DATA_DIR: dataDir, GUANXI_ADMIN_KEY: KEY, GUANXI_ROLE: 'api' },
    ...{ DATABASE_URL: database.url, KURRENTDB_URL: server.url() },
  });
  let product: Product = await startProduct({ config, contexts });
  const openDeal = async (amount: number): Promise<void> => {
    const body = JSON.stringify({ value: { amount, currency: 'USD' } });
    const type = { 'content-type': 'application/json' };
    const answer = await fetch(`${product.url}/v1/deals`, {
      method: 'POST',
      headers: { ...headers, ...type },
      body,
    });
    expect(answer.status).toBe(201);
  };
  const open = (last?: string): Promise<SseReader> =>
    SseReader.open(`${product.url}/v1/feed?topics=guanxi.deals`, {
      ...headers,
      ...(last !== undefined && { 'last-event-id': last }),
    });
  const amounts = ({ events }: SseReader): readonly number[] =>
    events.map(({ data }) => data.data.value.amount);

  for (const amount of [1, 2, 3]) await openDeal(amount);
  const first = await open();
  await first.until(() => first.events.length === 3);
  await openDeal(4);
  await first.until(() => first.events.length === 4);
  expect(amounts(first)).toEqual([1, 2, 3, 4]);
  expect(first.events.map(({ id }) => id)).toEqual(first.events.map(({ data }) => data.position));
  first.kill();

  // A process of its own knows nothing of the first one's memory: it reads the log from the place of the id.
  await product.close();
  product = await startProduct({ config, contexts });
  await openDeal(5);
  const second = await open(first.events[1]?.id);
  await second.until(() => second.events.length === 3);
  expect(amounts(second)).toEqual([3, 4, 5]);
  second.kill();

  await expect(open('99999999999')).rejects.toThrow(/^409: .*feed[.]position-ahead/);
  await product.close();
  server.stop();
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});
