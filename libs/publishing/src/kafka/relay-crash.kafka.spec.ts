import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PostgresEventStore } from '@guanxi/event-store-postgres';
import { migrate } from '@guanxi/platform';
import { Pool } from 'pg';
import { readTopic, sharedKafka, uniqueName } from '../../../../test/support/kafka';
import { testDatabase } from '../../../../test/support/postgres';
import { keptRelay } from '../relay/relay-book';
import { count, streamOf } from '../relay/testing/things';

jest.setTimeout(180_000);

const ROOT = join(__dirname, '../../../..');
const THINGS = 20;
const ROUNDS = 5;
const EACH = 2_000;

it('publishes each message once and in order through kills of the relay', async () => {
  const { brokers } = await sharedKafka();
  const database = await testDatabase();
  await migrate(database.url);
  const pool = new Pool({ connectionString: database.url, options: '-c TimeZone=UTC' });
  const store = new PostgresEventStore(pool);
  const topic = uniqueName('things');
  const start = (): ChildProcess =>
    fork(
      join(ROOT, 'test/contract/ordering/run-typescript.cjs'),
      [join(__dirname, '../relay/testing/relay-process.ts')],
      {
        env: {
          ...process.env,
          ...{ RELAY_DATABASE: database.url, RELAY_BROKERS: brokers.join(',') },
          ...{ RELAY_TOPIC: topic, RELAY_ID: `relay-of-${topic}` },
        },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    );
  const reached = async (position: number): Promise<void> => {
    const deadline = performance.now() + 60_000;
    while (Number((await keptRelay(pool))?.position ?? 0n) < position) {
      if (performance.now() > deadline) throw new Error(`position ${position} was never reached`);
      await pause(20);
    }
  };
  let relay = start();
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const from = round * EACH;
      await count(
        store,
        Array.from({ length: EACH }, (_, index) => ({
          thing: (from + index) % THINGS,
          count: from + index,
        })),
      );
      // In the midst of what was just written.
      await reached(from + 1);
      relay.kill('SIGKILL');
      await once(relay, 'exit');
      relay = start();
    }
    await reached(ROUNDS * EACH);
    const found = new Map<string, number[]>();
    for (const { key, value } of await readTopic(brokers, topic, { atLeast: ROUNDS * EACH })) {
      const { count: told }: { count: number } = JSON.parse(value ?? '');
      found.set(key ?? '', [...(found.get(key ?? '') ?? []), told]);
    }
    for (let thing = 0; thing < THINGS; thing += 1)
      expect(found.get(streamOf(thing))).toEqual(
        Array.from({ length: (ROUNDS * EACH) / THINGS }, (_, index) => index * THINGS + thing),
      );
  } finally {
    relay.kill('SIGKILL');
    await store.close();
    await pool.end();
    await database.drop();
  }
});
