/**
 * A transactional producer of kafkajs in a process of its own, with none of our code around it: it has all messages in
 * memory, as bytes, and sends them in transactions of given sizes. It keeps no place and reads nothing.
 *
 *   node bare.mjs <broker> <topic of the messages> <topic to send to>
 */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { serveJobs } from '../append/jobs.mjs';

const { Kafka, Partitioners, logLevel } = createRequire(import.meta.url)('kafkajs');
const [, , broker, source, target] = process.argv;

/** As our own: else kafkajs sleeps 300 ms after every commit, in which the broker finishes it. */
const retry = { initialRetryTime: 5, factor: 0.2, multiplier: 1.5, maxRetryTime: 400, retries: 24 };
const kafka = new Kafka({ clientId: 'bench-bare', brokers: [broker], logLevel: logLevel.NOTHING, retry });
let messages = [];

/** Takes over what the relay has sent: the very same bytes. */
async function load({ count }) {
  const groupId = `bench-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, readUncommitted: false, maxWaitTimeInMs: 100 });
  const loaded = [];
  await consumer.connect();
  await consumer.subscribe({ topic: source, fromBeginning: true });
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || reject(payload.error));
    const eachBatch = async ({ batch }) => {
      // The partition is left to the producer, as it is of the relay's own client.
      for (const { key, value, headers } of batch.messages) loaded.push({ key, value, headers });
      if (loaded.length >= count) resolve();
    };
    consumer.run({ autoCommit: false, eachBatch }).catch(reject);
  });
  await consumer.disconnect();
  if (loaded.length !== count) throw new Error(`${loaded.length} of ${count} messages are there`);
  const places = loaded.map((message) => ({ message, at: Number(message.headers['guanxi-position']) }));
  messages = places.sort((a, b) => a.at - b.at).map(({ message }) => message);
}

/** Sends everything. @param {{name: string, transactions: number[]}} order the number of messages of each transaction */
async function publish({ name, transactions }) {
  const producer = kafka.producer({
    ...{ transactionalId: `bench-${name}`, idempotent: true, maxInFlightRequests: 1, retry },
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  // As the relay does it: the first transaction finds a coordinator.
  await (await producer.transaction()).abort();
  const begun = performance.now();
  const cpu = process.cpuUsage();
  let sent = 0;
  for (const count of transactions) {
    const transaction = await producer.transaction();
    const some = messages.slice(sent, sent + count);
    await transaction.sendBatch({ acks: -1, topicMessages: [{ topic: target, messages: some }] });
    await transaction.commit();
    sent += count;
  }
  const ms = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  await producer.disconnect();
  return { ms, messages: sent, cpuMs: (user + system) / 1_000 };
}

serveJobs({ load, publish, close: () => undefined });
