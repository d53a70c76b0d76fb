import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contexts } from '@guanxi/contexts';
import { loadConfig, startProduct } from '@guanxi/platform';
import { testClient, testKafka } from '../support/kafka';
import { testDatabase } from '../support/postgres';
import type { Example } from './examples';
import { pythonExample, pythonWithPackages, typescriptExample } from './examples';
import type { Sums } from './won-deals';

const KEY = 'a-key-for-end-to-end-tests';
const python = pythonWithPackages();

describe('the product, its relay, and consumers that know its contracts', () => {
  it('tells won deals to consumers that are killed, each once', async () => {
    const [kafka, own, theirs] = [await testKafka(), await testDatabase(), await testDatabase()];
    const dir = mkdtempSync(join(tmpdir(), 'guanxi-consumers-'));
    const { brokers } = kafka;
    const config = loadConfig({
      ...{ GUANXI_PORT: '0', GUANXI_DATA_DIR: dir, GUANXI_ADMIN_KEY: KEY },
      ...{ DATABASE_URL: own.url, KAFKA_BROKERS: brokers.join(',') },
    });
    const product = await startProduct({ config, contexts });
    const examples: readonly Example[] = [
      typescriptExample({ brokers, topic: 'guanxi.deals', group: 'won-deals', database: theirs.url }),
      ...(python === undefined
        ? []
        : [pythonExample(python, { brokers, topic: 'guanxi.deals', file: join(dir, 'deals.sqlite') })]),
    ];
    const expected: Record<string, { deals: number; amount: number }> = {};

    const customers: string[] = [];
    const register = async (name: string): Promise<void> => {
      const answer = await fetch(`${product.url}/v1/customers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
      const registered = (await answer.json()) as { readonly id?: string };
      if (registered.id === undefined) throw new Error(JSON.stringify(registered));
      customers.push(registered.id);
    };

    /** Sends commands: deals that were won elsewhere, some without a customer. */
    const win = async (count: number): Promise<void> => {
      const lines = Array.from({ length: count }, (_, index) => {
        const customerId = index % 5 === 0 ? undefined : customers[index % 3];
        const sum = (expected[`${customerId ?? 'unknown'} EUR`] ??= { deals: 0, amount: 0 });
        sum.deals += 1;
        sum.amount += 100 + index;
        return JSON.stringify({
          command: 'ImportDeal',
          data: {
            ...{ stage: 'won', value: { amount: 100 + index, currency: 'EUR' } },
            ...{ openedAt: '2026-01-05T00:00:00Z', closedAt: '2026-02-20T00:00:00Z', customerId },
            assumed: ['firstMeeting', 'criteria', 'verbalAgreement', 'evidence'],
          },
        });
      });
      const answer = await fetch(`${product.url}/v1/commands`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/x-ndjson' },
        body: lines.join('\n'),
      });
      const outcomes = (await answer.text()).trimEnd().split('\n');
      expect(outcomes).toHaveLength(count);
      expect(outcomes.filter((line) => !line.includes('"position"'))).toEqual([]);
    };
    const hasAll = async (example: Example): Promise<void> => {
      while (text(await example.sums()) !== text(expected))
        await new Promise((resolve) => setTimeout(resolve, 50));
    };

    try {
      for (const name of ['One', 'Two', 'Three']) await register(name);
      await win(60);
      await topicIsThere(brokers);
      for (const example of examples) await example.start();
      await Promise.all(examples.map(hasAll));
      const more = win(200);
      for (const example of examples) await example.kill();
      await more;
      for (const example of examples) await example.start();
      await win(40);
      await Promise.all(examples.map(hasAll));
      expect(Object.keys(expected)).toHaveLength(4);
      for (const example of examples) expect(await example.sums()).toEqual(expected);
    } finally {
      await Promise.all(examples.map((example) => example.kill()));
      await product.close();
      await kafka.stop();
      await own.drop();
      await theirs.drop();
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

/** The relay makes the topics when it starts for the first time. */
async function topicIsThere(brokers: readonly string[]): Promise<void> {
  const admin = testClient(brokers).admin();
  await admin.connect();
  try {
    while (!(await admin.listTopics()).includes('guanxi.deals'))
      await new Promise((resolve) => setTimeout(resolve, 50));
  } finally {
    await admin.disconnect();
  }
}

const text = (sums: Sums): string =>
  JSON.stringify(Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1)));
