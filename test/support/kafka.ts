import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { KAFKA_VARIABLE } from './kafka-broker';

export { type TestKafka, testKafka } from './kafka-process';

// kafkajs would speak of its partitioner whenever a producer is made.
process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1';

/** What transactional producers are to be given: else each waits 300 ms after every commit. */
export const TRANSACTION_RETRY = { initialRetryTime: 5, factor: 0.2, retries: 20 } as const;

/** A message as a reader has it. */
export interface ReadMessage {
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  /** Null for a tombstone. */
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestamp: string;
}

/** The one broker that all tests of a run share; the first call starts it. Use names of your own, see `uniqueName`. */
export async function sharedKafka(): Promise<{ readonly brokers: readonly string[] }> {
  const offer = process.env[KAFKA_VARIABLE];
  if (offer === undefined)
    throw new Error('This test needs Kafka: name it .kafka, whose Jest project offers one.');
  const answer = await fetch(offer, { headers: { connection: 'close' } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The Kafka of this test run could not be started: ${text}`);
  return { brokers: text.split(',') };
}

/** A name for a topic, group or transactional id that no other test has. */
export const uniqueName = (what: string): string => `test.${what}.${randomUUID()}`;

/** A quiet client. Disconnect what it makes before the broker stops. */
export const testClient = (brokers: readonly string[]): Kafka =>
  new Kafka({
    clientId: 'guanxi-test',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    // Gives up after three seconds, not ten.
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 9 },
  });

/**
 * Makes a topic and waits until every partition has a leader. (kafkajs' own wait fails where the broker has not heard
 * of the topic yet, which with KRaft is a matter of luck.)
 */
export async function createTopic(
  brokers: readonly string[],
  { topic = uniqueName('topic'), partitions = 1, config = {} }: NewTopic = {},
): Promise<string> {
  const admin = testClient(brokers).admin();
  await admin.connect();
  try {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }],
      waitForLeaders: false,
    });
    for (const end = Date.now() + 30_000; Date.now() < end; await delay(20))
      if (await hasLeaders(admin, topic)) return topic;
    throw new Error(`topic ${topic} got no leaders within 30 s`);
  } finally {
    await admin.disconnect();
  }
}

export interface NewTopic {
  readonly topic?: string;
  readonly partitions?: number;
  /** For example `{ 'cleanup.policy': 'compact' }`. */
  readonly config?: Readonly<Record<string, string>>;
}

async function hasLeaders(admin: Admin, name: string): Promise<boolean> {
  if (!(await admin.listTopics()).includes(name)) return false;
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  return topics.every(
    ({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0),
  );
}

/**
 * Reads what a topic holds, from its beginning to its end, as a `read_committed` reader sees it: nothing of
 * transactions that were aborted. One that is still open hides itself and all behind it: end the producers first.
 *
 * @param atLeast how many messages to wait for. Kafka acknowledges a commit before readers see it: its markers are
 *   written to the partitions afterwards.
 * @returns by partition, and in the order of their offsets
 * @throws Error after `timeoutMs`, with how far it came
 */
export async function readTopic(
  brokers: readonly string[],
  topic: string,
  { atLeast = 0, timeoutMs = 60_000 }: { readonly atLeast?: number; readonly timeoutMs?: number } = {},
): Promise<readonly ReadMessage[]> {
  const client = testClient(brokers);
  const missing = await endsOf(client, topic);
  if (missing.size === 0 && atLeast === 0) return [];
  const groupId = uniqueName('reader');
  const consumer = client.consumer({ groupId, readUncommitted: false, maxWaitTimeInMs: 100 });
  const messages: ReadMessage[] = [];
  let started: Promise<void> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        const left = [...missing].map(([partition, end]) => `${partition} before ${end}`).join(', ');
        const found = `${messages.length} messages found, at least ${atLeast} wanted`;
        reject(
          new Error(
            `${topic} was not read to its end within ${timeoutMs} ms; partitions left: ${left}; ${found}`,
          ),
        );
      }, timeoutMs);
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error);
      };
      // Also told of batches of which nothing is left: markers of transactions, and what was aborted.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
        const end = missing.get(partition);
        if (end !== undefined && BigInt(lastOffset) + 1n >= end) missing.delete(partition);
        if (missing.size === 0 && messages.length >= atLeast) settle();
      });
      consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
        if (!restart) settle(error);
      });
      started = consumer
        .connect()
        .then(() => consumer.subscribe({ topic, fromBeginning: true }))
        .then(() =>
          consumer.run({
            autoCommit: false,
            eachMessage: async ({ partition, message }) => {
              messages.push({
                partition,
                offset: message.offset,
                key: message.key?.toString() ?? null,
                value: message.value?.toString() ?? null,
                headers: headersOf(message.headers ?? {}),
                timestamp: message.timestamp,
              });
            },
          }),
        )
        .catch(settle);
    });
  } finally {
    // One that is told to stop while it starts goes on to start.
    await started;
    await consumer.disconnect();
  }
  return messages.sort((a, b) => a.partition - b.partition || (BigInt(a.offset) < BigInt(b.offset) ? -1 : 1));
}

/** Where each partition that holds anything ends. */
async function endsOf(client: Kafka, topic: string): Promise<Map<number, bigint>> {
  const admin = client.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(
      offsets
        .filter(({ low, high }) => BigInt(low) < BigInt(high))
        .map(({ partition, high }) => [partition, BigInt(high)]),
    );
  } finally {
    await admin.disconnect();
  }
}

const headersOf = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
