/**
 * Registers customers over HTTP, each a new stream, with 64 connections that each wait for their answer: the product;
 * the same application appending with Emmett; the same storing nothing. All on one PostgreSQL, in turns.
 *
 *   npm run bench:http -- [--quick] [--json] [--connections 64] [--rounds 5]
 */
import { cpus, loadavg } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { startHelper } from './append/processes.mjs';
import { makeDatabase, startServer } from './append/servers.mjs';
import { installBaselines } from './baselines.mjs';
import { bar, printMs, printRatio, printSpread, ratioOf, summaryOf, turned } from './figures.mjs';
import { report, startProduct } from './product.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    connections: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '' },
  },
});
const concurrency = Number(options.connections);
const rounds = Number(options.rounds || (options.quick ? 1 : 10));
const times = options.quick ? { warmUpMs: 200, ms: 500 } : { warmUpMs: 250, ms: 1_250 };

const DRIVER = fileURLToPath(new URL('http/driver.mjs', import.meta.url));
const OTHER_STORE = pathToFileURL(fileURLToPath(new URL('http/other-store.mjs', import.meta.url))).href;

/** What is measured; all but the first take requests alone, without keeping read models. */
const CANDIDATES = [
  { name: 'product, with its read models', environment: {} },
  { name: 'product', environment: { GUANXI_ROLE: 'api' } },
  { name: 'with Emmett', environment: { GUANXI_ROLE: 'api', BENCH_APPEND: 'emmett' } },
  { name: 'storing nothing', environment: { GUANXI_ROLE: 'api', BENCH_APPEND: 'nothing' } },
];

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
installBaselines();
const machine = { cpus: cpus().length, load: Number(loadavg()[0].toFixed(2)), node: process.version };
console.log(
  `Node ${machine.node}, ${machine.cpus} processors, load ${machine.load}, ${concurrency} connections; ` +
    'server, database and caller share the machine',
);
const server = await startServer();
const emmettUrl = await makeDatabase(server, 'bench_emmett');
const candidates = [];
try {
  for (const [index, candidate] of CANDIDATES.entries())
    candidates.push(await start(candidate, `bench_http_${index}`));
  for (const { ask } of candidates) await ask({ concurrency, warmUpMs: 0, ms: options.quick ? 500 : 4_000 });
  const results = new Map(candidates.map(({ name }) => [name, []]));
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const { name, ask, settled } of turned(candidates, turn)) {
      results.get(name).push(await ask({ concurrency, ...times }));
      await settled();
    }
  }
  print(results);
} finally {
  for (const { stop } of candidates) await stop();
  await server.stop();
}

async function start({ name, environment }, database) {
  const url = await makeDatabase(server, database);
  const swapped = environment.BENCH_APPEND !== undefined;
  const product = await startProduct({
    environment: { ...environment, DATABASE_URL: url, BENCH_EMMETT_URL: emmettUrl },
    nodeArguments: swapped ? ['--import', OTHER_STORE] : [],
  });
  const driver = await startHelper(name, DRIVER, [product.url, product.environment.GUANXI_API_KEY]);
  return {
    name,
    ask: driver.ask,
    settled: () => (environment.GUANXI_ROLE === 'api' ? undefined : caughtUp(product)),
    stop: async () => {
      driver.kill();
      await product.stop();
    },
  };
}

/** Waits until the read models are at the head, so that their work is not done in another one's turn. */
async function caughtUp(product) {
  for (;;) {
    const { projections } = await product.get('/health/ready');
    if (projections.models.every(({ lag }) => lag === '0')) return;
  }
}

function print(results) {
  const ours = results.get('product');
  const rows = [...results].map(([name, list]) => {
    const { rate, p50, p99 } = summaryOf(list);
    return {
      candidate: name,
      'commands/s, min / median / max': printSpread(rate),
      'p50 ms': printMs(p50),
      'p99 ms': printMs(p99),
      'product is x times (rounds)': printRatio(ratioOf(ours, list)),
    };
  });
  const bars = [];
  for (const name of ['product', 'product, with its read models']) {
    const against = (other) => ratioOf(results.get(name), results.get(other)).ofMedians;
    bars.push(bar(`${name}, of Emmett's`, 4.5, against('with Emmett')));
    bars.push(bar(`${name}, of storing nothing`, 0.65, against('storing nothing')));
  }
  console.table(rows);
  report(bars, { machine, concurrency, rounds: Object.fromEntries(results), bars });
}
