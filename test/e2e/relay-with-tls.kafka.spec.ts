import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { contexts } from '@guanxi/contexts';
import { newId } from '@guanxi/event-store';
import { JsonLog, loadConfig, startProduct } from '@guanxi/platform';
import { ran } from '../../apps/cli/src/testing/ran';
import { typescriptExample } from '../consumers/examples';
import type { TestKafkaWithTls } from '../support/kafka-with-tls';
import { KAFKA_USER, testKafkaWithTls } from '../support/kafka-with-tls';
import { testDatabase } from '../support/postgres';

jest.setTimeout(180_000);

const KEY = 'a-key-for-end-to-end-tests';
const SECRET = 'hunter2-is-wrong';

let kafka: TestKafkaWithTls;

beforeAll(async () => {
  kafka = await testKafkaWithTls();
});

afterAll(() => kafka.stop());

/** The product with a Kafka that it reaches by TLS and a login. */
async function started(password: string) {
  const database = await testDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'guanxi-relay-tls-'));
  const reach = {
    ...{ KAFKA_BROKERS: kafka.login.join(','), KAFKA_TLS: 'true', KAFKA_TLS_CA: kafka.ca },
    ...{ KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', KAFKA_SASL_USERNAME: KAFKA_USER.username },
    KAFKA_SASL_PASSWORD: password,
  };
  const own = { GUANXI_PORT: '0', GUANXI_DATA_DIR: dataDir, GUANXI_ADMIN_KEY: KEY };
  const config = loadConfig({ ...own, ...reach, DATABASE_URL: database.url });
  let said = '';
  const log = new JsonLog('debug', (lines) => {
    said += lines;
  });
  const product = await startProduct({ config, contexts, log });
  return {
    ...{ url: product.url, database: database.url, reach, said: () => said },
    close: async () => {
      await product.close();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const authorization = `Bearer ${KEY}`;

async function wonDeal(url: string): Promise<void> {
  const answer = await fetch(`${url}/v1/commands`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-ndjson' },
    body: JSON.stringify({
      command: 'ImportDeal',
      id: newId(),
      data: {
        ...{ stage: 'won', value: { amount: 700, currency: 'EUR' } },
        ...{ openedAt: '2026-01-05T00:00:00Z', closedAt: '2026-02-20T00:00:00Z' },
        assumed: ['firstMeeting', 'criteria', 'verbalAgreement', 'evidence'],
      },
    }),
  });
  expect(await answer.text()).toContain('"position"');
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(100);
}

it('publishes over TLS with a login, and a consumer reads it the same way', async () => {
  const product = await started(KAFKA_USER.password);
  const theirs = await testDatabase();
  const consumer = typescriptExample({
    ...{ brokers: kafka.login, topic: 'guanxi.deals', group: 'won-deals', database: theirs.url },
    more: product.reach,
  });
  try {
    await wonDeal(product.url);
    const metrics = async (): Promise<string> =>
      (await fetch(`${product.url}/metrics`, { headers: { authorization } })).text();
    await until(async () => /^guanxi_relay_messages_total [1-9]/m.test(await metrics()));
    await consumer.start();
    await until(async () => Object.keys(await consumer.sums()).length > 0);
    expect(await consumer.sums()).toEqual({ 'unknown EUR': { deals: 1, amount: 700 } });
    expect(product.said()).not.toContain(KAFKA_USER.password);
  } finally {
    await consumer.stop();
    await product.close();
    await theirs.drop();
  }
});

it('tells in log, health and publish status that a password is wrong, and keeps the password to itself', async () => {
  const product = await started(SECRET);
  const words = 'the brokers do not accept this SASL user and password by SCRAM-SHA-512';
  try {
    await wonDeal(product.url);
    const ready = async (): Promise<string> => (await fetch(`${product.url}/health/ready`)).text();
    await until(async () => (await ready()).includes(words));
    const env = { ...product.reach, DATABASE_URL: product.database };
    const status = await ran(['publish', 'status'], env);
    expect(status.out).toContain(`${words}: check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD`);
    const replay = await ran(['publish', 'replay', '--topic', 'again', '--from', '1', '--to', '1'], env);
    expect(replay).toMatchObject({ code: 1, err: expect.stringContaining(words) });
    const wrong = { ...env, KAFKA_TLS_CA: '/none.pem', KAFKA_SASL_USER: 'me' };
    const unfit = await ran(['publish', 'replay', '--topic', 'again', '--from', '1', '--to', '1'], wrong);
    expect(unfit.err).toContain(
      'KAFKA_SASL_USER is not known and changes nothing; did you mean KAFKA_SASL_USERNAME?',
    );
    expect(unfit.err).toContain('KAFKA_TLS_CA must be the path of a file in PEM');
    const runs = [status, replay, unfit].flatMap(({ out, err }) => [out, err]);
    const all = [product.said(), await ready(), ...runs];
    expect(product.said()).toContain(`publishing has stopped: at ${kafka.login.join(', ')} ${words}`);
    for (const text of all) expect(text).not.toContain(SECRET);
  } finally {
    await product.close();
  }
});
