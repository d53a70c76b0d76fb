import { setTimeout as pause } from 'node:timers/promises';
import { MemoryEventStore } from '@guanxi/event-store';
import { ConfigResourceTypes } from 'kafkajs';
import {
  createTopic,
  readTopic,
  sharedKafka,
  testClient,
  testKafka,
  uniqueName,
} from '../../../../test/support/kafka';
import { Relay } from '../relay/relay';
import type { RelayParts } from '../relay/relay';
import { count, registry, streamOf, thingsBook, topicOf } from '../relay/testing/things';
import { KafkaPublisher } from './kafka-publisher';
import { CHECKPOINT_TOPIC } from './topics';

jest.setTimeout(180_000);

const log = { info: () => undefined, warn: () => undefined };
const never = new AbortController().signal;
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

function started(parts: Pick<RelayParts, 'store' | 'publisher' | 'book'> & Partial<RelayParts>) {
  const relay = new Relay({ registry, log, restMilliseconds: 200, ...parts });
  const stopping = new AbortController();
  const ended = relay.run(stopping.signal);
  const stop = (): Promise<unknown> => {
    stopping.abort();
    return ended;
  };
  stops.push(stop);
  return { relay, ended, stop };
}

async function until(condition: () => boolean, seconds = 60): Promise<void> {
  const deadline = performance.now() + seconds * 1_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never: ${condition.toString()}`);
    await pause(20);
  }
}

async function untilAsync(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never: ${condition.toString()}`);
    await pause(20);
  }
}

/** A world of its own on a broker that others use, too. */
function world(brokers: readonly string[], options: Parameters<typeof thingsBook>[0] = {}) {
  const topic = uniqueName('things');
  const transactionalId = uniqueName('relay');
  const publisher = (): KafkaPublisher =>
    new KafkaPublisher({ brokers, transactionalId, statePrefix: `${transactionalId}/` });
  const book = thingsBook({ topic, ...options });
  return { topic, publisher, book, store: new MemoryEventStore() };
}

const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** What a reader finds, by key and in its order. */
async function readCounts(
  brokers: readonly string[],
  topic: string,
  atLeast: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, number[]>();
  for (const { key, value } of await readTopic(brokers, topic, { atLeast })) {
    const parsed: { count: number } = JSON.parse(value ?? '');
    found.set(key ?? '', [...(found.get(key ?? '') ?? []), parsed.count]);
  }
  return found;
}

it('makes the topics, publishes in binary mode, and goes on from where the last one stopped', async () => {
  const { brokers } = await sharedKafka();
  const { topic, book, publisher, store } = world(brokers);
  await count(store, [
    { thing: 1, count: 1 },
    { thing: 2, count: 2 },
  ]);
  const first = started({ store, book, publisher: publisher() });
  await until(() => first.relay.status.position === 2n);
  await first.stop();
  await count(store, [{ thing: 1, count: 3 }]);
  const second = started({ store, book, publisher: publisher() });
  await until(() => second.relay.status.position === 3n);
  expect(await readCounts(brokers, topic, 3)).toEqual(
    new Map([
      [streamOf(1), [1, 3]],
      [streamOf(2), [2]],
    ]),
  );
  const [message] = await readTopic(brokers, topic);
  expect(message?.headers).toMatchObject({ ce_specversion: '1.0', 'content-type': 'application/json' });
  const admin = testClient(brokers).admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic, CHECKPOINT_TOPIC] });
  expect(topics.map(({ partitions }) => partitions.length).sort()).toEqual([1, 3]);
  await admin.disconnect();
});

it('bars the relay before it: what that one has not committed is never seen', async () => {
  const { brokers } = await sharedKafka();
  const { topic, book, publisher, store } = world(brokers);
  await count(store, [{ thing: 1, count: 1 }]);
  const first = started({ store, book, publisher: publisher() });
  await until(() => first.relay.status.position === 1n);
  const second = started({ store, book, publisher: publisher() });
  await until(() => second.relay.status.position === 1n);
  await count(
    store,
    numbers(2, 50).map((value) => ({ thing: 1, count: value })),
  );
  const end = await first.ended;
  expect(end).toMatchObject({
    kind: 'fenced',
    reason: expect.stringContaining('another relay has taken over'),
  });
  await until(() => second.relay.status.position === 50n);
  expect(await readCounts(brokers, topic, 50)).toEqual(new Map([[streamOf(1), numbers(1, 50)]]));
});

it('keeps parked keys with the messages, and sends what waited once it can', async () => {
  const { brokers } = await sharedKafka();
  let isMended = false;
  const { topic, book, publisher, store } = world(brokers, { isTold: (value) => isMended || value !== 2 });
  await count(
    store,
    numbers(1, 4).map((value) => ({ thing: 1, count: value })),
  );
  const first = started({ store, book, publisher: publisher() });
  await until(() => first.relay.status.position === 4n);
  await first.stop();
  const second = started({ store, book, publisher: publisher() });
  await until(() => second.relay.status.phase === 'relaying');
  expect([...second.relay.status.parked]).toEqual([
    [
      streamOf(1),
      { position: 2n, type: 'thing-counted.v2', contract: 'thing-counted.v1', reason: 'TypeError' },
    ],
  ]);
  isMended = true;
  await count(store, [{ thing: 2, count: 9 }]);
  second.relay.retry([streamOf(1)]);
  await until(() => second.relay.status.parked.size === 0);
  await until(() => second.relay.status.position === 5n);
  expect(await readCounts(brokers, topic, 5)).toEqual(
    new Map([
      [streamOf(1), [1, 2, 3, 4]],
      [streamOf(2), [9]],
    ]),
  );
  const third = await publisher().open([topicOf({ topic })], never);
  stops.push(() => third.close());
  expect(third.state).toMatchObject({
    ...{ position: 5n, parked: new Map() },
    landmark: { position: 5n, stream: streamOf(2), revision: 0 },
  });
});

it('refuses a topic with another partition count', async () => {
  const { brokers } = await sharedKafka();
  const { topic, book, publisher, store } = world(brokers);
  await createTopic(brokers, { topic, partitions: 2 });
  const { ended } = started({ store, book, publisher: publisher() });
  expect(await ended).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining(`topic ${topic} has 2 partitions on the brokers, but 3 are declared`),
  });
});

it('parks what the topic is too small for, and sends pages that are larger than a batch may be', async () => {
  const { brokers } = await sharedKafka();
  const { topic, book, publisher, store } = world(brokers, { partitions: 1 });
  await count(
    store,
    numbers(1, 6).map((value) => ({ thing: value, count: value, text: 'x'.repeat(450_000) })),
  );
  await count(store, [{ thing: 7, count: 7 }]);
  await createTopic(brokers, { topic, partitions: 1, config: { 'max.message.bytes': '500000' } });
  await count(store, [
    { thing: 8, count: 8, text: 'x'.repeat(600_000) },
    { thing: 8, count: 9 },
  ]);
  const { relay } = started({ store, book, publisher: publisher() });
  await until(() => relay.status.position === 9n);
  expect([...(await readCounts(brokers, topic, 7)).values()].flat()).toEqual(numbers(1, 7));
  expect(relay.status.parked.get(streamOf(8))?.reason).toContain(
    `is larger than topic ${topic} takes (500000)`,
  );
});

it('takes up a larger limit of a topic when a key is tried again', async () => {
  const { brokers } = await sharedKafka();
  const { topic, book, publisher, store } = world(brokers, { partitions: 1 });
  await createTopic(brokers, { topic, partitions: 1, config: { 'max.message.bytes': '2000' } });
  await count(store, [{ thing: 1, count: 1, text: 'x'.repeat(5_000) }]);
  const { relay } = started({ store, book, publisher: publisher() });
  await until(() => relay.status.parked.size === 1);
  const admin = testClient(brokers).admin();
  await admin.connect();
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        ...{ type: ConfigResourceTypes.TOPIC, name: topic },
        configEntries: [{ name: 'max.message.bytes', value: '20000' }],
      },
    ],
  });
  await admin.disconnect();
  relay.retry([streamOf(1)]);
  await until(() => relay.status.parked.size === 0);
  expect(await readTopic(brokers, topic, { atLeast: 1 })).toHaveLength(1);
});

it('publishes nothing a second time where its checkpoint was deleted and the messages were not', async () => {
  const kafka = await testKafka();
  stops.push(() => kafka.stop());
  const { topic, book, publisher, store } = world(kafka.brokers);
  await count(store, [{ thing: 1, count: 1 }]);
  const first = started({ store, book, publisher: publisher() });
  await until(() => first.relay.status.position === 1n);
  await first.stop();
  const admin = testClient(kafka.brokers).admin();
  await admin.connect();
  const gone = async (names: string[]): Promise<void> => {
    await admin.deleteTopics({ topics: names });
    await untilAsync(async () => !(await admin.listTopics()).some((name) => names.includes(name)));
  };
  await gone([CHECKPOINT_TOPIC]);
  for (const _again of [1, 2]) {
    expect(await started({ store, book, publisher: publisher() }).ended).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(`topic ${topic} has messages, but ${CHECKPOINT_TOPIC}`),
    });
  }
  await gone([topic]);
  await admin.disconnect();
  const anew = started({ store, book, publisher: publisher() });
  await until(() => anew.relay.status.position === 1n);
  expect(await readTopic(kafka.brokers, topic, { atLeast: 1 })).toHaveLength(1);
});

it('says that a topic was deleted while it ran, and makes it again', async () => {
  const { brokers } = await sharedKafka();
  const { topic, book, publisher, store } = world(brokers);
  const lines: string[] = [];
  const warn = (line: string): void => void lines.push(line);
  await count(store, [{ thing: 1, count: 1 }]);
  const { relay } = started({ store, book, publisher: publisher(), log: { ...log, warn } });
  await until(() => relay.status.position === 1n);
  const admin = testClient(brokers).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await count(store, [{ thing: 1, count: 2 }]);
  await until(() => relay.status.position === 2n);
  await admin.disconnect();
  expect(lines[0]).toMatch(
    /^publishing waits: a topic was deleted, some broker does not know it yet, .*; one that is missing is made; it goes/,
  );
  expect(lines.at(-1)).toContain(`topic ${topic} was missing and is made`);
  expect(await readTopic(brokers, topic, { atLeast: 1 })).toHaveLength(1);
});

it('refuses a topic that keeps only the last event of a key, and tells of one that keeps less than declared', async () => {
  const { brokers } = await sharedKafka();
  const { topic } = world(brokers);
  const { publisher } = world(brokers);
  const config = { 'cleanup.policy': 'compact,delete' };
  await createTopic(brokers, { topic, partitions: 1, config });
  await expect(publisher().open([topicOf({ topic, partitions: 1 })], never)).rejects.toMatchObject({
    kind: 'refused',
    message: `topic ${topic} has cleanup.policy=compact,delete, so that it forgets all but the last event of a key; set it to delete`,
  });
  const short = uniqueName('things');
  await createTopic(brokers, { topic: short, partitions: 1, config: { 'retention.ms': '60000' } });
  const open = await publisher().open([topicOf({ topic: short, partitions: 1 })], never);
  stops.push(() => open.close());
  expect(open.warnings).toEqual([
    expect.stringContaining(`topic ${short} has retention.ms=60000, and its readers were told`),
  ]);
});

it('says that brokers end transactions sooner than ours', async () => {
  const kafka = await testKafka({ settings: 'transaction.max.timeout.ms=30000\n' });
  stops.push(() => kafka.stop());
  const { book, publisher, store } = world(kafka.brokers);
  expect(await started({ store, book, publisher: publisher() }).ended).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('transaction.max.timeout.ms of the brokers is below our 60 s'),
  });
});

it('waits for a broker that is away, and says so', async () => {
  const { book, store } = world([]);
  const publisher = new KafkaPublisher({ brokers: ['127.0.0.1:1'], transactionalId: 'none' });
  const { relay } = started({ store, book, publisher });
  await until(() => relay.status.phase === 'waiting');
  expect(relay.status.reason).toContain('no broker answers at 127.0.0.1:1');
});

it('publishes each message once and in order through crashes of the broker', async () => {
  const kafka = await testKafka();
  stops.push(() => kafka.stop());
  const { topic, book, publisher, store } = world(kafka.brokers);
  const { relay } = started({
    store,
    book,
    publisher: publisher(),
    limits: { messages: 200, bytes: 1_000_000 },
  });
  let value = 0;
  for (let crash = 0; crash < 3; crash += 1) {
    const counts = numbers(value + 1, value + 3_000).map((next) => ({ thing: next % 20, count: next }));
    value += counts.length;
    const from = relay.status.position ?? 0n;
    await count(store, counts);
    await until(() => (relay.status.position ?? 0n) > from);
    await kafka.kill();
    await kafka.restart();
  }
  await until(() => relay.status.position === BigInt(value), 90);
  const found = await readCounts(kafka.brokers, topic, value);
  for (const thing of numbers(0, 19))
    expect(found.get(streamOf(thing))).toEqual(numbers(1, value).filter((each) => each % 20 === thing));
});
