/**
 * Sends commands to the product at a steady rate, and reads what becomes of them from Kafka: the time from the moment
 * at which the store recorded an event to that at which a `read_committed` consumer has it.
 *
 *   node latency.mjs <product> <key> <broker>
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { serveJobs } from '../append/jobs.mjs';
import { quantile } from '../product.mjs';

const { Kafka, logLevel } = createRequire(import.meta.url)('kafkajs');
const [, , url, key, broker] = process.argv;
const TOPIC = 'guanxi.deals';
const STEP_MS = 5;
const LONGEST_MS = 60_000;

const kafka = new Kafka({ clientId: 'bench-latency', brokers: [broker], logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: `bench-${randomUUID()}`, readUncommitted: false });
/** By event: how late it came. */
const lateness = new Map();
let doubled = 0;
let failure;

async function follow() {
  const admin = kafka.admin();
  await admin.connect();
  for (const begun = performance.now(); !(await admin.listTopics()).includes(TOPIC); await pause(100))
    if (performance.now() - begun > LONGEST_MS) throw new Error(`the relay made no topic ${TOPIC}`);
  await admin.disconnect();
  consumer.on(consumer.events.CRASH, ({ payload }) => (failure = payload.error));
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const now = Date.now();
      for (const { headers } of batch.messages) {
        const id = String(headers.ce_id);
        if (lateness.has(id)) doubled += 1;
        lateness.set(id, now - Date.parse(String(headers.ce_recordedtime)));
      }
    },
  });
}

/** Opens deals for a while, each an event. */
async function measure({ perSecond, ms }) {
  lateness.clear();
  doubled = 0;
  const { accepted, seconds } = await send(perSecond, ms);
  for (const begun = performance.now(); lateness.size < accepted; await pause(STEP_MS)) {
    if (failure) throw failure;
    if (performance.now() - begun > LONGEST_MS)
      throw new Error(`${lateness.size} of ${accepted} events came to the consumer`);
  }
  if (doubled > 0 || lateness.size > accepted) throw new Error('the consumer got events more than once');
  const times = [...lateness.values()];
  return {
    perSecond: accepted / seconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    maxMs: Math.max(...times),
  };
}

async function send(perSecond, ms) {
  const call = request(`${url}/v1/commands`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
  });
  call.flushHeaders();
  const answered = once(call, 'response').then(async ([response]) => {
    let accepted = 0;
    for await (const text of createInterface({ input: response })) {
      if (JSON.parse(text).status !== 'accepted') throw new Error(`refused: ${text}`);
      accepted += 1;
    }
    return accepted;
  });
  const begun = performance.now();
  let sent = 0;
  for (let now = begun; now - begun < ms; now = performance.now()) {
    const due = Math.floor(((now - begun) / 1_000) * perSecond);
    for (; sent < due; sent += 1) {
      const data = { value: { amount: sent + 1, currency: 'EUR' }, title: 'Fleet renewal' };
      call.write(`${JSON.stringify({ command: 'OpenDeal', key: randomUUID(), data })}\n`);
    }
    await pause(STEP_MS);
  }
  call.end();
  const accepted = await answered;
  return { accepted, seconds: (performance.now() - begun) / 1_000 };
}

serveJobs({ follow, measure, close: () => consumer.disconnect() });
