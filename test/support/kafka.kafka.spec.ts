import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Kafka, Producer } from 'kafkajs';
import {
  createTopic,
  readTopic,
  sharedKafka,
  testClient,
  testKafka,
  type TestKafka,
  TRANSACTION_RETRY,
  uniqueName,
} from './kafka';

jest.setTimeout(180_000);

const transactional = async (client: Kafka, transactionalId: string): Promise<Producer> => {
  const producer = client.producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
    retry: TRANSACTION_RETRY,
  });
  await producer.connect();
  return producer;
};

const commit = async (producer: Producer, topic: string, values: readonly string[]): Promise<void> => {
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: values.map((value) => ({ key: value, value })) });
  await transaction.commit();
};

const connect = async ([address = '']: readonly string[]): Promise<void> => {
  const { hostname, port } = new URL(`tcp://${address}`);
  const socket = createConnection(Number(port), hostname);
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
};

const valuesOf = async (
  brokers: readonly string[],
  topic: string,
  atLeast: number,
): Promise<readonly (string | null)[]> =>
  (await readTopic(brokers, topic, { atLeast })).map(({ value }) => value);

describe('the shared broker', () => {
  let brokers: readonly string[];
  let client: Kafka;

  beforeAll(async () => {
    ({ brokers } = await sharedKafka());
    client = testClient(brokers);
  });

  it('is one, whoever asks', async () => {
    expect(await sharedKafka()).toEqual({ brokers });
    expect(brokers).toEqual([expect.stringMatching(/^127[.]0[.]0[.]1:\d+$/)]);
  });

  it('keeps messages with keys, headers and tombstones, and reads each partition in order', async () => {
    const topic = await createTopic(brokers, { partitions: 2 });
    const producer = client.producer();
    await producer.connect();
    await producer.send({
      topic,
      messages: [
        { partition: 1, key: 'b', value: 'first', headers: { ce_type: 'test' } },
        { partition: 0, key: 'a', value: null },
        { partition: 1, key: 'b', value: 'second' },
      ],
    });
    await producer.disconnect();
    expect(await readTopic(brokers, topic)).toEqual([
      expect.objectContaining({ partition: 0, offset: '0', key: 'a', value: null }),
      expect.objectContaining({ partition: 1, key: 'b', value: 'first', headers: { ce_type: 'test' } }),
      expect.objectContaining({ partition: 1, offset: '1', value: 'second', headers: {} }),
    ]);
  });

  it('reads an empty topic as nothing, and makes no topic by being asked for one', async () => {
    expect(await readTopic(brokers, await createTopic(brokers))).toEqual([]);
    const unknown = uniqueName('topic');
    await expect(readTopic(brokers, unknown)).rejects.toThrow('does not host this topic-partition');
    const admin = client.admin();
    await admin.connect();
    expect(await admin.listTopics()).not.toContain(unknown);
    await admin.disconnect();
  });

  it('shows readers of what is committed nothing of a transaction that was aborted, over several topics', async () => {
    const [one, two] = [await createTopic(brokers), await createTopic(brokers)];
    const producer = await transactional(client, uniqueName('tx'));
    await commit(producer, one, ['before']);
    const aborted = await producer.transaction();
    await aborted.sendBatch({
      topicMessages: [one, two].map((topic) => ({ topic, messages: [{ value: 'never' }] })),
    });
    await aborted.abort();
    const committed = await producer.transaction();
    await committed.sendBatch({
      topicMessages: [one, two].map((topic) => ({ topic, messages: [{ value: 'both' }] })),
    });
    await committed.commit();
    const last = await producer.transaction();
    await last.send({ topic: two, messages: [{ value: 'never either' }] });
    await last.abort();
    await producer.disconnect();
    expect(await valuesOf(brokers, one, 2)).toEqual(['before', 'both']);
    expect(await valuesOf(brokers, two, 1)).toEqual(['both']);
  });

  it('shows nothing of a transaction that is open, nor of what came after it', async () => {
    const topic = await createTopic(brokers);
    const producer = await transactional(client, uniqueName('tx'));
    const open = await producer.transaction();
    await open.send({ topic, messages: [{ value: 'late' }] });
    const other = await transactional(client, uniqueName('tx'));
    await commit(other, topic, ['behind it']);
    expect(await valuesOf(brokers, topic, 0)).toEqual([]);
    await open.commit();
    expect(await valuesOf(brokers, topic, 2)).toEqual(['late', 'behind it']);
    await Promise.all([producer.disconnect(), other.disconnect()]);
  });

  it('says how far a reader came when that takes too long', async () => {
    const topic = await createTopic(brokers);
    const producer = await transactional(client, uniqueName('tx'));
    await commit(producer, topic, ['one']);
    await producer.disconnect();
    expect(await valuesOf(brokers, topic, 1)).toEqual(['one']);
    // The message and the marker of its transaction.
    await expect(readTopic(brokers, topic, { atLeast: 2, timeoutMs: 1 })).rejects.toThrow(
      `${topic} was not read to its end within 1 ms; partitions left: 0 before 2; 0 messages found, at least 2 wanted`,
    );
  });

  it('fences an older producer of the same transactional id, of which nothing becomes visible', async () => {
    const topic = await createTopic(brokers);
    const id = uniqueName('tx');
    const older = await transactional(client, id);
    const zombie = await older.transaction();
    await zombie.send({ topic, messages: [{ value: 'zombie' }] });
    const newer = await transactional(client, id);
    await commit(newer, topic, ['newer']);
    await expect(
      zombie.send({ topic, messages: [{ value: 'zombie again' }] }).then(() => zombie.commit()),
    ).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' });
    expect(await valuesOf(brokers, topic, 1)).toEqual(['newer']);
    await Promise.all([older.disconnect(), newer.disconnect()]);
  });
});

describe('a broker of its own', () => {
  let kafka: TestKafka;

  beforeAll(async () => {
    kafka = await testKafka();
  });

  afterAll(() => kafka.stop());

  it('keeps over kill -9 and restart what was committed, on the same port', async () => {
    const topic = await createTopic(kafka.brokers, { partitions: 2 });
    const compacted = await createTopic(kafka.brokers, { config: { 'cleanup.policy': 'compact' } });
    const id = uniqueName('tx');
    const expected: string[] = [];
    for (const round of ['first', 'second', 'third']) {
      const producer = await transactional(testClient(kafka.brokers), id);
      await commit(producer, topic, [`${round} a`, `${round} b`]);
      await commit(producer, compacted, [round]);
      expected.push(`${round} a`, `${round} b`);
      const open = await producer.transaction();
      await open.send({ topic, messages: [{ value: `${round} open` }] });
      await producer.disconnect();
      await kafka.kill();
      await expect(connect(kafka.brokers)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await kafka.restart();
    }
    // A new producer of the same id ends what its forerunner left open.
    const producer = await transactional(testClient(kafka.brokers), id);
    await commit(producer, topic, ['last']);
    await producer.disconnect();
    expect([...(await valuesOf(kafka.brokers, topic, expected.length + 1))].sort()).toEqual(
      [...expected, 'last'].sort(),
    );
    expect(await valuesOf(kafka.brokers, compacted, 3)).toEqual(['first', 'second', 'third']);
  });

  it('keeps it over a proper stop, too', async () => {
    const client = testClient(kafka.brokers);
    const topic = await createTopic(kafka.brokers);
    const producer = await transactional(client, uniqueName('tx'));
    await commit(producer, topic, ['kept']);
    await producer.disconnect();
    await kafka.restart();
    expect(await valuesOf(kafka.brokers, topic, 1)).toEqual(['kept']);
  });
});
