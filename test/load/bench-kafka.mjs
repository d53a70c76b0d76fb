/**
 * The relay that catches up with a log, and a bare transactional producer of kafkajs that sends the same bytes in
 * batches of the same sizes, in turns; then the product at a steady rate of commands: how long it takes until a
 * consumer has an event. The broker, the database and all the others share the machine.
 *
 *   npm run bench:kafka -- [--quick] [--json] [--events 200000] [--rounds 5] [--rate 200] [--seconds 30]
 *                          [--only relay,latency]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Broker } from '../chaos/broker.mjs';
import { built } from './append/candidates.mjs';
import { startHelper } from './append/processes.mjs';
import { makeDatabase, startServer } from './append/servers.mjs';
import { bar, cpuOf, printCpu, printMs, printRatio, printSpread, ratioOf, summaryOf } from './figures.mjs';
import { report, startProduct } from './product.mjs';
import { fillPipeline } from './projections/fill.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    events: { type: 'string', default: '' },
    rounds: { type: 'string', default: '' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '' },
    only: { type: 'string', default: 'relay,latency' },
  },
});
const events = Number(options.events || (options.quick ? 20_000 : 200_000));
const rounds = Number(options.rounds || (options.quick ? 2 : 5));
const rate = Number(options.rate);
const seconds = Number(options.seconds || (options.quick ? 4 : 30));
const WARM_UP_MS = options.quick ? 1_000 : 5_000;
const parts = options.only.split(',');

/** What the relay sends to, and a topic like it. */
const TOPIC = 'guanxi.deals';
const BARE_TOPIC = 'bench.bare';
/** The bar, and what the load on the machine may take of it, is the same for both candidates. */
const LEAST_RATIO = 0.8;

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));

/** A process with jobs to do; it ends when asked to. */
async function start(name, script, args) {
  const { ask, ended, kill } = await startHelper(name, fileOf(script), args);
  const close = async () => {
    await ask({ job: 'close' });
    await ended;
  };
  return { ask: (job, details = {}) => ask({ job, ...details }), close, kill };
}

const roundOf = ({ ms, messages, bytes, cpuMs }) => ({
  ...{ rate: (messages * 1_000) / ms, all: messages, cpuMs },
  ...(bytes !== undefined && { megabytesPerSecond: bytes / ms / 1_000 }),
});

/** Both candidates, in turns. The first run of each only warms up; what the relay sent then is what the bare one sends. */
async function compare() {
  const url = await makeDatabase(server, 'bench_relay');
  await built('platform').migrate(url);
  await fillPipeline(url, events);
  const relay = await start('the relay', 'kafka/relay.mjs', [url, broker.address]);
  const first = await relay.ask('publish', { name: 'relay' });
  await makeBareTopic();
  const bare = await start('the bare producer', 'kafka/bare.mjs', [broker.address, TOPIC, BARE_TOPIC]);
  await bare.ask('load', { count: first.messages });
  await bare.ask('publish', { name: 'bare', transactions: first.transactions });
  const results = { relay: [], bare: [] };
  let sizes = first.transactions;
  const candidates = {
    relay: async (turn) => {
      const figures = await relay.ask('publish', { name: `relay-${turn}` });
      sizes = figures.transactions;
      return figures;
    },
    bare: () => bare.ask('publish', { name: 'bare', transactions: sizes }),
  };
  for (let turn = 0; turn < rounds; turn += 1) {
    const order = turn % 2 === 0 ? ['relay', 'bare'] : ['bare', 'relay'];
    for (const name of order) results[name].push(roundOf(await candidates[name](turn)));
  }
  await relay.close();
  await bare.close();
  return { ...results, messages: first.messages, transactions: sizes.length, bytes: first.bytes };
}

async function makeBareTopic() {
  const admin = broker.client().admin();
  await admin.connect();
  const [{ partitions }] = (await admin.fetchTopicMetadata({ topics: [TOPIC] })).topics;
  await admin.createTopics({ topics: [{ topic: BARE_TOPIC, numPartitions: partitions.length }] });
  await admin.disconnect();
}

/** From a command's event to a consumer, through the product as `npm start` serves it. */
async function measureLatency() {
  const url = await makeDatabase(server, 'bench_latency');
  const product = await startProduct({
    environment: { DATABASE_URL: url, KAFKA_BROKERS: latencyBroker.address },
  });
  running.add(product);
  const { GUANXI_API_KEY: key } = product.environment;
  const driver = await start('commands', 'kafka/latency.mjs', [product.url, key, latencyBroker.address]);
  try {
    await driver.ask('follow');
    await driver.ask('measure', { perSecond: rate, ms: WARM_UP_MS });
    return await driver.ask('measure', { perSecond: rate, ms: seconds * 1_000 });
  } finally {
    await driver.close().catch(() => driver.kill());
    running.delete(product);
    await product.stop();
  }
}

function print({ relay, bare, messages, transactions, bytes }) {
  const ratio = ratioOf(relay, bare);
  console.log(
    `\n${messages} messages of about ${Math.round(bytes / messages)} bytes in ${transactions} transactions; messages a ` +
      `second, min / median / max of ${rounds} rounds`,
  );
  console.table(
    Object.entries({ relay, bare }).map(([candidate, list]) => ({
      candidate,
      'messages/s': printSpread(summaryOf(list).rate),
      'CPU us': printCpu(cpuOf(list, 'cpuMs')),
      'relay of bare (rounds)': candidate === 'relay' ? printRatio(ratio) : '',
    })),
  );
  return ratio;
}

const machine = { cpus: cpus().length, load: Number(loadavg()[0].toFixed(2)), node: process.version };
const dir = mkdtempSync(join(tmpdir(), 'guanxi-bench-kafka-'));
const broker = new Broker(join(dir, 'relay'));
const latencyBroker = new Broker(join(dir, 'latency'));
/** What outlives this process unless it is stopped. */
const running = new Set();
let ending;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void end().then(() => process.exit(130)));
let server;
let compared;
let latency;
try {
  server = await startServer();
  running.add(server);
  console.log(
    `PostgreSQL ${server.version}, Node ${machine.node}, ${machine.cpus} processors, load ${machine.load}; broker, ` +
      'database and candidates share the processors',
  );
  if (parts.includes('relay')) {
    await broker.start();
    compared = await compare();
    await broker.end();
  }
  if (parts.includes('latency')) {
    await latencyBroker.start();
    latency = await measureLatency();
  }
} finally {
  await end();
}

const bars = [];
const ratio = compared && print(compared);
if (ratio) bars.push(bar('relay of a bare producer', LEAST_RATIO, ratio.ofMedians));
if (latency) {
  console.log(
    `\nFrom the recording of an event to a consumer, at ${rate} commands a second for ${seconds} s`,
  );
  console.table([
    {
      ...{ 'commands/s': Math.round(latency.perSecond), 'p50 ms': printMs(latency.p50Ms) },
      ...{ 'p99 ms': printMs(latency.p99Ms), 'max ms': printMs(latency.maxMs) },
    },
  ]);
  bars.push(bar('commit to consumer, p50 ms', 40, latency.p50Ms, true));
  bars.push(bar('commit to consumer, p99 ms', 150, latency.p99Ms, true));
  bars.push(bar('commands/s meanwhile', rate * 0.97, latency.perSecond));
}
console.log('\nOurs against the bars');
report(bars, {
  relayPerSecond: compared && summaryOf(compared.relay).rate.median,
  barePerSecond: compared && summaryOf(compared.bare).rate.median,
  ratio: ratio?.ofMedians,
  commitToConsumerP50Ms: latency?.p50Ms,
  commitToConsumerP99Ms: latency?.p99Ms,
  commandsPerSecond: latency?.perSecond,
  ...{ machine, events, messages: compared?.messages, transactions: compared?.transactions },
  ...{ rounds: compared && { relay: compared.relay, bare: compared.bare }, bars },
});

/** Ends everything; a second call waits for the first one. */
function end() {
  ending ??= (async () => {
    await Promise.allSettled([...running].reverse().map((each) => each.stop()));
    await Promise.allSettled([broker.end(), latencyBroker.end()]);
    rmSync(dir, { recursive: true, force: true });
  })();
  return ending;
}
