/**
 * The deals' read model from the log of a pipeline: followed as workers do, rebuilt, copied, and by Emmett; rebuilt beside
 * writers; and how far behind it is while commands come.
 *
 *   npm run bench:projections -- [--quick] [--json] [--events 10000000] [--only follow,rebuild,limit,emmett,writers,lag]
 */
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { built } from './append/candidates.mjs';
import { startHelper } from './append/processes.mjs';
import { makeDatabase, startServer } from './append/servers.mjs';
import { installBaselines } from './baselines.mjs';
import { bar, cpuOf, printCpu, printRatio, printSpread, ratioOf, summaryOf, turned } from './figures.mjs';
import { report, startProduct } from './product.mjs';
import { copyLimit } from './projections/copy-limit.mjs';
import { differences } from './projections/differences.mjs';
import { fillPipeline } from './projections/fill.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    events: { type: 'string', default: '' },
    rounds: { type: 'string', default: '' },
    only: { type: 'string', default: 'follow,rebuild,limit,emmett,writers,lag' },
  },
});
const quick = options.quick;
const events = Number(options.events || (quick ? 60_000 : 1_000_000));
const rounds = Number(options.rounds || (quick || events > 2_000_000 ? 1 : 3));
const parts = options.only.split(',');

/** Emmett reads its messages without an index by position: the fewer there are, the faster it is. */
const EMMETT_EVENTS = quick ? 4_000 : 20_000;
const EMMETT_BATCH = 1_000;
const WRITERS = 32;
const LAG = quick
  ? { perSecond: 2_000, warmUpMs: 1_000, ms: 4_000 }
  : { perSecond: 2_000, warmUpMs: 5_000, ms: 30_000 };

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));
const WORKER = fileOf('projections/worker.mjs');
/** Megabytes, as `npm start` and `npm run guanxi` have them. */
const SEMI_SPACE = { follow: 64, rebuild: 128 };

/** A process with jobs to do; it ends when asked to. */
async function start(name, script, args, semiSpaceMegabytes) {
  const { ask, ended, kill } = await startHelper(name, script, args, semiSpaceMegabytes);
  return {
    name,
    ask: (job, details = {}) => ask({ job, ...details }),
    close: async () => {
      await ask({ job: 'close' });
      await ended;
    },
    kill,
  };
}

/** What one round came to, as figures of events. */
const roundOf = ({ ms, ...figures }, count) => ({ rate: (count * 1_000) / ms, all: count, ...figures });

/** Does a job with a candidate, and counts what the server's processors did meanwhile. */
async function run(candidate, job, count) {
  const before = server.cpuMs();
  const figures = await candidate.ask(job, { events: count });
  return roundOf({ ...figures, ...(before !== undefined && { serverMs: server.cpuMs() - before }) }, count);
}

const add = (results, name, round) => results.set(name, [...(results.get(name) ?? []), round]);

/**
 * Follows and rebuilds, with history and plain, in turns; then the rows that came of it are copied. Workers follow, a
 * rebuild is the command line's: no process does both.
 */
async function foldAll(url, results) {
  const candidates = [];
  for (const job of ['follow', 'rebuild'].filter((each) => parts.includes(each)))
    for (const [name, kind] of [
      ['with history', 'full'],
      ['plain', 'plain'],
    ])
      candidates.push({ job, ...(await start(`${job}, ${name}`, WORKER, [url, kind], SEMI_SPACE[job])) });
  const copied = parts.includes('limit') ? await start('rows', WORKER, [url, 'full']) : undefined;
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const candidate of turned(candidates, turn))
      add(results, candidate.name, await run(candidate, candidate.job, events));
    if (copied) {
      const { generation } = await copied.ask('rebuild');
      add(results, 'copy of the rows', roundOf(await copyLimit(url, generation), events));
    }
  }
  for (const candidate of candidates) await candidate.close();
  await copied?.close();
}

/** Emmett's projections over a sample, in turns. */
async function foldWithEmmett(results) {
  const url = await makeDatabase(server, 'bench_emmett');
  await built('platform').migrate(url);
  await fillPipeline(url, EMMETT_EVENTS);
  const script = fileOf('baselines/emmett-projection.mjs');
  const candidates = [];
  for (const kind of ['raw', 'pongo'])
    candidates.push(
      await start(`Emmett, ${kind}`, script, [url, kind, String(EMMETT_BATCH)], SEMI_SPACE.rebuild),
    );
  await candidates[0].ask('prepare');
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const candidate of turned(candidates, turn)) {
      add(results, candidate.name, await run(candidate, 'project', EMMETT_EVENTS));
    }
  }
  for (const candidate of candidates) await candidate.close();
}

/** A rebuild while many callers append, held against what following makes of the same log. */
async function rebuildBesideWriters(url, deals) {
  const worker = await start('rebuild', WORKER, [url, 'full']);
  const writers = await start('writers', fileOf('projections/writers.mjs'), [url]);
  try {
    const { generation: followed } = await worker.ask('follow');
    await writers.ask('start', { concurrency: WRITERS, deals });
    const { generation, ms, events: folded } = await worker.ask('rebuildBeside');
    const { appended } = await writers.ask('stop');
    await worker.ask('catchUp', { generations: [generation, followed] });
    const { differing, missing, rows } = await differences(url, generation, followed);
    return { folded, perSecond: (folded * 1_000) / ms, appended, rows, lost: differing + missing };
  } finally {
    writers.kill();
    worker.kill();
  }
}

/** How far the read models of the product are behind while commands come at a steady rate. */
async function lagUnderCommands() {
  const url = await makeDatabase(server, 'bench_lag');
  const product = await startProduct({ environment: { DATABASE_URL: url } });
  running.add(product);
  const driver = await start('commands', fileOf('projections/lag.mjs'), [
    product.url,
    product.environment.GUANXI_API_KEY,
    url,
  ]);
  try {
    return await driver.ask('measure', LAG);
  } finally {
    driver.kill();
    running.delete(product);
    await product.stop();
  }
}

const medianOf = (results, name) => summaryOf(results.get(name)).rate.median;

/** How many times as fast one is as another, as far as both were measured. */
function times(results, one, other) {
  const [a, b] = [results.get(one), results.get(other)];
  return a && b ? ratioOf(a, b) : undefined;
}

function print(results) {
  console.log(
    `\nEvents a second, min / median / max of rounds: ${events} events, Emmett's of ${EMMETT_EVENTS}`,
  );
  console.table(
    [...results].map(([what, list]) => {
      const { rate } = summaryOf(list);
      const [own, served] = [cpuOf(list, 'cpuMs'), cpuOf(list, 'serverMs')];
      const ratio = times(results, what.replace('with history', 'plain'), what);
      return {
        what,
        'events/s': printSpread(rate),
        'CPU us': printCpu(own),
        'of server': printCpu(served),
        'peak MB': Math.max(...list.map(({ peakMb = 0 }) => peakMb)) || '',
        'plain is x times (rounds)': what.endsWith('with history') && ratio ? printRatio(ratio) : '',
      };
    }),
  );
}

/** What is to be reached, as far as it was measured. */
function barsOf(results, beside, lag) {
  const bars = [];
  const emmett = fasterOfEmmett(results);
  const rate = (name, wanted) => {
    if (results.has(name)) bars.push(bar(`${name}, events/s`, wanted, medianOf(results, name)));
  };
  rate('rebuild, with history', 60_000);
  rate('follow, with history', 20_000);
  const slower = times(results, 'follow, plain', 'follow, with history');
  if (slower) bars.push(bar('follow, plain of with history', 1.7, slower.ofMedians, true));
  const faster = emmett && times(results, 'rebuild, with history', emmett);
  if (faster) bars.push(bar(`rebuild, with history, of ${emmett}`, 20, faster.ofMedians));
  if (beside) bars.push(bar(`rows lost or wrong beside ${WRITERS} writers`, 0, beside.lost, true));
  if (lag) {
    bars.push(bar('lag at the rate of commands, p99 ms', 250, lag.p99Ms, true));
    bars.push(bar('commands/s meanwhile', LAG.perSecond * 0.97, lag.perSecond));
  }
  return bars;
}

function fasterOfEmmett(results) {
  const names = [...results.keys()].filter((name) => name.startsWith('Emmett'));
  return names.sort((a, b) => medianOf(results, b) - medianOf(results, a))[0];
}

if (parts.includes('emmett')) installBaselines();
const machine = { cpus: cpus().length, load: Number(loadavg()[0].toFixed(2)), node: process.version };
const server = await startServer();
/** What outlives this process unless it is stopped. */
const running = new Set([server]);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await Promise.allSettled([...running].reverse().map((each) => each.stop()));
    process.exit(130);
  });
}
console.log(
  `PostgreSQL ${server.version}, Node ${machine.node}, ${machine.cpus} processors, load ${machine.load}; each ` +
    'candidate a process of its own, which shares the processors with the server',
);
const results = new Map();
let beside;
let lag;
try {
  if (['follow', 'rebuild', 'limit', 'writers'].some((part) => parts.includes(part))) {
    const url = await makeDatabase(server, 'bench_projections');
    await built('platform').migrate(url);
    const begun = performance.now();
    const { deals } = await fillPipeline(url, events);
    console.log(`filled ${events} events in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
    await foldAll(url, results);
    if (parts.includes('writers')) beside = await rebuildBesideWriters(url, deals);
  }
  if (parts.includes('emmett')) await foldWithEmmett(results);
  if (parts.includes('lag')) lag = await lagUnderCommands();
} finally {
  await server.stop();
}
print(results);
if (beside) {
  console.log(`\nRebuild beside ${WRITERS} writers, held against what following makes of the same log`);
  console.table([beside]);
}
if (lag) {
  console.log(`\nFrom the recording of an event to all read models, at ${LAG.perSecond} commands a second`);
  console.table([lag]);
}
const bars = barsOf(results, beside, lag);
console.log('\nOurs against the bars');
const emmett = fasterOfEmmett(results);
report(bars, {
  machine,
  events,
  perSecond: results.has('rebuild, plain') ? medianOf(results, 'rebuild, plain') : undefined,
  bitemporalPerSecond: results.has('rebuild, with history')
    ? medianOf(results, 'rebuild, with history')
    : undefined,
  lostBesideWriters: beside?.lost,
  overEmmett: emmett && times(results, 'rebuild, with history', emmett)?.ofMedians,
  lag,
  beside,
  rounds: Object.fromEntries(results),
  bars,
});
