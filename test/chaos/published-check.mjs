import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ToldCheck } from './told-check.cjs';
import { LIMIT_MS, until } from './worker-processes.mjs';

/** The contracts as they are published: what a team that knows nothing of our code goes by. */
const { topics, contracts } = JSON.parse(
  readFileSync(new URL('../../docs/contracts/published.json', import.meta.url), 'utf8'),
);
const CHECKPOINTS = 'guanxi.relay.checkpoints';
const MOST_LOOKS = 10;

/** Settings under which the broker compacts within a run what it would else compact after days. */
export async function hasteCompaction(client) {
  const settings = {
    'cleanup.policy': 'compact',
    'segment.ms': '1000',
    'min.cleanable.dirty.ratio': '0.01',
    'delete.retention.ms': '1000',
    'max.compaction.lag.ms': '1000',
  };
  await withAdmin(client, (admin) =>
    admin.createTopics({
      waitForLeaders: false,
      topics: [
        {
          ...{ topic: CHECKPOINTS, numPartitions: 1, replicationFactor: 1 },
          configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
        },
      ],
    }),
  );
}

/**
 * What the checkpoint topic holds.
 * @returns {Promise<{positions: bigint[], left: number, written: number}>} the relay's own positions, the records that
 *   are left, and how many places were ever taken
 */
export async function checkpoints(client) {
  const positions = [];
  const { left, written } = await read(client, [CHECKPOINTS], true, (_topic, { key, value }) => {
    if (String(key) === 'position') positions.push(BigInt(JSON.parse(String(value)).position));
  });
  return { positions, left, written };
}

/**
 * Waits until most of what was ever written to the checkpoint topic is gone.
 * @param {() => Promise<void>} goOn has the relay write more: what is written to last is never compacted
 */
export async function compacted(client, goOn) {
  let now;
  await until('the checkpoint topic was compacted', async () => {
    await goOn();
    now = await checkpoints(client);
    // A transaction takes a place for its position and one for its end.
    return now.left < now.written / 4;
  });
  return now;
}

/**
 * Holds what a `read_committed` consumer reads of all topics against the log and the contracts.
 * @param {() => Promise<{stream: string, type: string, id: string, revision: number, position: string}[]>} readLog in order
 */
export async function checkPublished(client, readLog) {
  const log = await readLog();
  // Kafka acknowledges a commit before readers see it: what is missing is looked for again before it counts as lost.
  for (let looks = 1; ; looks += 1) {
    const sums = await lookThrough(client, log);
    if (sums.missing === 0 || looks === MOST_LOOKS) return sums;
    await pause(500);
  }
}

async function lookThrough(client, log) {
  const names = topics.map(({ name }) => name);
  const check = new ToldCheck();
  const { left: messages } = await read(client, names, true, (topic, message, partition) =>
    check.hear(topic, partition, message),
  );
  const { left: sent } = await read(client, names, false, () => undefined);
  return { ...check.against(log, contracts), undone: sent - messages };
}

/**
 * Reads topics from their beginning to their present end.
 * @param {boolean} committed whether nothing of what was undone is wanted
 * @param {(topic: string, message: import('kafkajs').KafkaMessage, partition: number) => void} take
 */
async function read(client, names, committed, take) {
  const offsets = await offsetsOf(client, names);
  const missing = new Map();
  let written = 0;
  for (const { place, low, high } of offsets) {
    written += Number(high);
    if (high > low) missing.set(place, high);
  }
  let left = 0;
  if (missing.size === 0) return { left, written };
  const groupId = `chaos-${randomUUID()}`;
  const consumer = client.consumer({ groupId, readUncommitted: !committed, maxWaitTimeInMs: 100 });
  let failure;
  // Also told of batches of which nothing is left: markers of transactions, and what was undone.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
    const place = `${topic}/${partition}`;
    if (missing.has(place) && BigInt(lastOffset) + 1n >= missing.get(place)) missing.delete(place);
  });
  consumer.on(
    consumer.events.CRASH,
    ({ payload }) => (failure ??= payload.restart ? undefined : payload.error),
  );
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: names, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        left += batch.messages.length;
        for (const message of batch.messages) take(batch.topic, message, batch.partition);
      },
    });
    await until(
      'the topics were read to their ends',
      () => {
        if (failure !== undefined) throw failure;
        return missing.size === 0;
      },
      2 * LIMIT_MS,
    );
  } finally {
    await consumer.disconnect();
  }
  return { left, written };
}

/** Where partitions begin and end; a broker that was just started does not know at once. */
async function offsetsOf(client, names) {
  let found;
  await until('the broker knew its partitions', async () => {
    try {
      found = await withAdmin(client, (admin) =>
        Promise.all(names.map((name) => admin.fetchTopicOffsets(name))),
      );
    } catch (error) {
      if (error.retriable !== true) throw error;
    }
    return found !== undefined;
  });
  return found.flatMap((partitions, index) =>
    partitions.map(({ partition, low, high }) => ({
      place: `${names[index]}/${partition}`,
      low: BigInt(low),
      high: BigInt(high),
    })),
  );
}

async function withAdmin(client, work) {
  const admin = client.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
