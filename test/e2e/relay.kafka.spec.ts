import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { contexts } from '@guanxi/contexts';
import { newId } from '@guanxi/event-store';
import { loadConfig, startProduct } from '@guanxi/platform';
import { testDatabase } from '../support/postgres';
import { readTopic, testKafka } from '../support/kafka';

jest.setTimeout(180_000);

const KEY = 'a-key-for-end-to-end-tests';

it('publishes what commands do to the brokers of KAFKA_BROKERS, and tells how it stands', async () => {
  const kafka = await testKafka();
  const database = await testDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'guanxi-relay-'));
  const config = loadConfig({
    ...{ GUANXI_PORT: '0', GUANXI_DATA_DIR: dataDir, GUANXI_ADMIN_KEY: KEY, DATABASE_URL: database.url },
    KAFKA_BROKERS: kafka.brokers.join(','),
  });
  const product = await startProduct({ config, contexts });
  const authorization = `Bearer ${KEY}`;
  try {
    const answer = await fetch(`${product.url}/v1/customers`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', 'idempotency-key': newId() },
      body: JSON.stringify({ name: 'Somebody Ltd' }),
    });
    expect(await answer.text()).toContain('position');
    const metrics = async (): Promise<string> =>
      (await fetch(`${product.url}/metrics`, { headers: { authorization } })).text();
    const deadline = performance.now() + 60_000;
    while (!/^guanxi_relay_messages_total [1-9]/m.test(await metrics())) {
      if (performance.now() > deadline) throw new Error('nothing was published');
      await pause(100);
    }
    const [message, ...more] = await readTopic(kafka.brokers, 'guanxi.customers', { atLeast: 1 });
    expect(more).toEqual([]);
    expect(message?.headers['ce_type']).toMatch(/^guanxi[.]customer-/);
    expect(JSON.stringify(message)).not.toContain('Somebody');
    while (!/^guanxi_relay_up 1$/m.test(await metrics())) await pause(100);
    while (!/^guanxi_relay_lag_seconds 0$/m.test(await metrics())) await pause(100);
    const ready = await (await fetch(`${product.url}/health/ready`)).text();
    expect(ready).not.toContain('Kafka');
  } finally {
    await product.close();
    await database.drop();
    await kafka.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
