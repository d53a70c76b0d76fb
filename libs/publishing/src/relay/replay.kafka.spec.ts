import { setImmediate as turn } from 'node:timers/promises';
import { MemoryEventStore } from '@guanxi/event-store';
import { readTopic, sharedKafka, testClient, uniqueName } from '../../../../test/support/kafka';
import { KafkaPublisher } from '../kafka/kafka-publisher';
import type { ReplayOrder, Replayed } from './replay';
import { replayTo } from './replay';
import { count, registry, thingsBook } from './testing/things';

jest.setTimeout(120_000);

const log = { info: () => undefined, warn: () => undefined };

it('goes on where it was stopped, does nothing when done, and refuses another selection', async () => {
  const { brokers } = await sharedKafka();
  const store = new MemoryEventStore();
  const book = thingsBook();
  const topic = uniqueName('replayed');
  await count(
    store,
    Array.from({ length: 400 }, (_, value) => ({ thing: value % 9, count: value + 1 })),
  );
  const replay = (
    order: Partial<ReplayOrder>,
    onSent: (sent: number) => void = () => undefined,
  ): Promise<Replayed> => {
    const stopping = new AbortController();
    const publisher = new KafkaPublisher({
      ...{ brokers, transactionalId: `replay-${topic}`, statePrefix: `replay/${topic}/` },
    });
    let sent = 0;
    const observer = {
      published: ({ messages }: { readonly messages: number }) => {
        sent += messages;
        onSent(sent);
        if (sent >= 100 && order.rate !== undefined) stopping.abort();
      },
      ...{ failed: () => undefined, parked: () => undefined, healed: () => undefined },
    };
    const parts = { store, registry, book, publisher, log, observer };
    return replayTo(parts, { topic, from: 11n, to: 390n, ...order }, stopping.signal);
  };
  const first = await replay({ rate: 500 });
  expect(first.isDone).toBe(false);
  expect(first.position).toBeGreaterThanOrEqual(110n);
  expect(first.position).toBeLessThan(390n);
  const rest: number[] = [];
  expect(await replay({}, (sent) => rest.push(sent))).toMatchObject({ isDone: true, position: 390n });
  expect(rest.at(-1)).toBe(390 - Number(first.position));
  expect(await replay({}, () => rest.push(-1))).toMatchObject({ isDone: true, position: 390n });
  expect(rest).not.toContain(-1);
  const messages = await readTopic(brokers, topic, { atLeast: 380 });
  const read = messages.map(({ headers }) => Number(headers['guanxi-position']));
  expect([...read].sort((one, other) => one - other)).toEqual(
    Array.from({ length: 380 }, (_, at) => at + 11),
  );
  await expect(replay({ to: 391n })).rejects.toThrow(`topic ${topic} was begun with another selection`);
});

it('begins at the beginning with 0, and fills a topic anew that was deleted', async () => {
  const { brokers } = await sharedKafka();
  const store = new MemoryEventStore();
  const topic = uniqueName('replayed');
  let isMended = false;
  const book = thingsBook({ isTold: (value) => isMended || value !== 2 });
  await count(store, [
    { thing: 1, count: 1 },
    { thing: 1, count: 2 },
    { thing: 2, count: 3 },
  ]);
  const replay = (from: bigint): Promise<Replayed> => {
    const publisher = new KafkaPublisher({
      ...{ brokers, transactionalId: `replay-${topic}`, statePrefix: `replay/${topic}/` },
    });
    const order = { topic, from, to: 3n };
    return replayTo({ store, registry, book, publisher, log }, order, new AbortController().signal);
  };
  const positions = async (atLeast: number): Promise<readonly string[]> =>
    (await readTopic(brokers, topic, { atLeast })).map(({ headers }) => headers['guanxi-position'] ?? '');
  expect((await replay(0n)).parked.size).toBe(1);
  expect([...(await positions(2))].sort()).toEqual(['1', '3']);
  const admin = testClient(brokers).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  while ((await admin.listTopics()).includes(topic)) await turn();
  await admin.disconnect();
  isMended = true;
  expect(await replay(1n)).toMatchObject({ isDone: true, position: 3n, parked: new Map() });
  expect([...(await positions(3))].sort()).toEqual(['1', '2', '3']);
});

it.each([
  [{ topic: 'guanxi.things' }, 'topic guanxi.things is one that is published to'],
  [{ topic: '__consumer_offsets' }, "topic __consumer_offsets is Kafka's own"],
  [{ topic: 'two words' }, 'a topic is named with letters'],
  [{ from: -1n }, 'from must be a position, or 0 for the beginning'],
  [{ from: 9n, to: 8n }, 'to (8) must not lie before from (9)'],
  [
    { types: ['thing-lost'] },
    'no public event is called thing-lost; known are thing-counted, thing-counted.v1',
  ],
  [{ topics: ['guanxi.others'] }, 'nothing is published to guanxi.others; topics are guanxi.things'],
])('refuses %o', async (wrong, words) => {
  const publisher = new KafkaPublisher({ brokers: ['127.0.0.1:1'], transactionalId: 'none' });
  const parts = { store: new MemoryEventStore(), registry, book: thingsBook(), publisher, log };
  const order = { topic: 'again', from: 1n, to: 9n, ...wrong };
  await expect(replayTo(parts, order, new AbortController().signal)).rejects.toThrow(words);
});
