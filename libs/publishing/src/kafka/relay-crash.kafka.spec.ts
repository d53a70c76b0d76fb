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

/** A log, a topic of its own, and processes that relay from one to the other. */
async function world() {
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
  /** By key what was told, in order. */
  const told = async (atLeast: number): Promise<ReadonlyMap<string, readonly number[]>> => {
    const found = new Map<string, number[]>();
    for (const { key, value } of await readTopic(brokers, topic, { atLeast })) {
      const { count: counted }: { count: number } = JSON.parse(value ?? '');
      found.set(key ?? '', [...(found.get(key ?? '') ?? []), counted]);
    }
    return found;
  };
  const close = async (): Promise<void> => {
    await store.close();
    await pool.end();
    await database.drop();
  };
  return { pool, store, start, reached, told, close };
}

it('publishes each message once and in order through kills of the relay', async () => {
  const { store, start, reached, told, close } = await world();
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
    const found = await told(ROUNDS * EACH);
    for (let thing = 0; thing < THINGS; thing += 1)
      expect(found.get(streamOf(thing))).toEqual(
        Array.from({ length: (ROUNDS * EACH) / THINGS }, (_, index) => index * THINGS + thing),
      );
  } finally {
    relay.kill('SIGKILL');
    await close();
  }
});

it('goes on in another process when the one that relays stands still, which writes nothing when it wakes up', async () => {
  const { pool, store, start, reached, told, close } = await world();
  const holder = async (): Promise<string | undefined> => (await keptRelay(pool))?.holder;
  const written = async (from: number): Promise<void> => {
    const numbers = Array.from({ length: EACH }, (_, index) => from + index);
    await count(
      store,
      numbers.map((each) => ({ thing: each % THINGS, count: each })),
    );
  };
  const first = start();
  let second: ChildProcess | undefined;
  try {
    await written(0);
    await reached(1);
    second = start();
    expect(await holder()).toMatch(new RegExp(`:${first.pid}$`));
    // In the midst of a transaction, as likely as not.
    first.kill('SIGSTOP');
    const begun = performance.now();
    const other = new RegExp(`:${second.pid}$`);
    while (!other.test((await holder()) ?? '')) await pause(100);
    expect(performance.now() - begun).toBeLessThan(30_000);
    await reached(EACH);
    first.kill('SIGCONT');
    await written(EACH);
    await reached(2 * EACH);
    expect(await holder()).toMatch(other);
    const found = await told(2 * EACH);
    for (let thing = 0; thing < THINGS; thing += 1)
      expect(found.get(streamOf(thing))).toEqual(
        Array.from({ length: (2 * EACH) / THINGS }, (_, index) => index * THINGS + thing),
      );
  } finally {
    first.kill('SIGKILL');
    second?.kill('SIGKILL');
    await close();
  }
});
