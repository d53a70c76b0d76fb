/**
 * Appends to our store, to Emmett's and into a table of no store, in turns on one server; then again where each flush
 * takes a millisecond; then to our store with few and with many events in it.
 *
 *   npm run bench:append -- [--quick] [--json] [--stored 10000000] [--raw-connections 32] [--only fast,slow,stored]
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { built } from './append/candidates.mjs';
import { findPgbench, pgbench } from './append/pgbench.mjs';
import { startCandidate } from './append/processes.mjs';
import { execute, makeDatabase, slowFlushPackage, startServer } from './append/servers.mjs';
import { EVENTS_A_STREAM, fill } from './append/stored.mjs';
import { installBaselines } from './baselines.mjs';
import {
  bar,
  cpuOf,
  printCpu,
  printMs,
  printRatio,
  printSpread,
  ratioOf,
  summaryOf,
  turned,
} from './figures.mjs';
import { report } from './product.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    stored: { type: 'string', default: '' },
    'raw-connections': { type: 'string', default: '32' },
    only: { type: 'string', default: 'fast,slow,stored' },
  },
});
const quick = options.quick;
const connections = Number(options['raw-connections']);
const stored = Number(options.stored || (quick ? 200_000 : 1_000_000));
const parts = options.only.split(',');

const FEW_STORED = 100_000;
const MOST = 256;
const CONCURRENCIES = [1, 8, 32, 128, MOST];
const STREAMS = 4_096;
/** Short rounds and several of them: what else the machine does then meets all candidates alike. */
const ROUND = quick ? { warmUpMs: 50, ms: 200 } : { warmUpMs: 150, ms: 1_000 };
const ROUNDS = quick ? 1 : 6;
/**
 * Where the 99th of a hundred is asked for, rounds are long. PostgreSQL logs each page whole when it is first changed after
 * a checkpoint: of the appends between two checkpoints those are a hundredth at most, of the appends of one second they may
 * be a tenth or none. In ten seconds checkpoints and vacuums come as they come to a server.
 */
const LONG = quick ? { rounds: 1, round: ROUND } : { rounds: 4, round: { warmUpMs: 500, ms: 10_000 } };
const SLOW_ROUNDS = quick ? 1 : 4;
/** A checkpoint in between costs a store with many pages more: it shall be one round of several. */
const STORED_ROUNDS = quick ? 1 : 10;

/** Runs the candidates in turns. @returns {Promise<Map<string, object[]>>} the rounds of each */
async function inTurns(server, candidates, rounds, round) {
  const results = new Map(candidates.map(({ name }) => [name, []]));
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const { name, ask } of turned(candidates, turn)) {
      const before = server.cpuMs();
      const figures = await ask('round', round);
      results
        .get(name)
        .push({ ...figures, ...(before !== undefined && { serverMs: server.cpuMs() - before }) });
    }
  }
  return results;
}

/** Every number of callers, new and existing streams, on a server. */
async function compare(server, title, rounds, most = { rounds, round: ROUND }) {
  const databases = {};
  for (const name of ['ours', 'emmett', 'raw']) databases[name] = await makeDatabase(server, `bench_${name}`);
  await built('platform').migrate(databases.ours);
  await built('platform').migrate(databases.raw);
  await execute(
    databases.raw,
    'create table raw_events (like es.events including defaults including constraints including indexes)',
    'create sequence raw_position',
  );
  const stores = [];
  for (const name of ['ours', 'emmett', 'raw'])
    stores.push(await startCandidate(name, databases[name], { connections }));
  for (const store of stores) {
    await store.ask('seed', { streams: STREAMS });
    await store.ask('round', { kind: 'new', concurrency: 32, warmUpMs: 0, ms: quick ? 200 : 1_500 });
  }
  const program = findPgbench();
  const c = program && !quick ? [pgbench(program, databases.raw, connections)] : [];
  const results = [];
  for (const kind of ['new', 'existing']) {
    for (const concurrency of CONCURRENCIES) {
      const candidates = kind === 'new' ? [...stores, ...c] : stores;
      results.push({
        kind,
        concurrency,
        rounds: await inTurns(server, candidates, concurrency === MOST ? most.rounds : rounds, {
          ...{ kind, concurrency, ...(concurrency === MOST ? most.round : ROUND) },
        }),
      });
    }
  }
  for (const store of stores) await store.close();
  print(title, results);
  return results;
}

function print(title, results) {
  for (const kind of ['new', 'existing']) {
    console.log(`\n${title}, ${kind} streams: appends of one event a second, min / median / max of rounds`);
    const rows = results
      .filter((result) => result.kind === kind)
      .flatMap(({ concurrency, rounds }) =>
        [...rounds].map(([store, list]) => {
          const { rate, p50, p99 } = summaryOf(list);
          return {
            'at a time': concurrency,
            store,
            'appends/s': printSpread(rate),
            'p50 ms': printMs(p50),
            'p99 ms': printMs(p99),
            'CPU us': printCpu(cpuOf(list, 'cpuMs')),
            'of server': printCpu(cpuOf(list, 'serverMs')),
            'ours is x times (rounds)': store === 'ours' ? '' : printRatio(ratioOf(rounds.get('ours'), list)),
          };
        }),
      );
    console.table(rows);
  }
}

/** Our store with few and with many events in it, in turns. */
async function compareStored(server) {
  const candidates = [];
  for (const count of [FEW_STORED, stored]) {
    const url = await makeDatabase(server, `bench_stored_${count}`);
    await built('platform').migrate(url);
    const begun = performance.now();
    await fill(url, count);
    console.log(`filled ${count} events in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
    const candidate = await startCandidate('ours', url);
    await candidate.ask('adopt', {
      streams: STREAMS,
      of: count / EVENTS_A_STREAM,
      revision: EVENTS_A_STREAM - 1,
    });
    for (const kind of ['new', 'existing'])
      await candidate.ask('round', { kind, concurrency: 32, warmUpMs: 0, ms: quick ? 200 : 1_500 });
    candidates.push({ ...candidate, name: String(count) });
  }
  const results = [];
  for (const kind of ['new', 'existing']) {
    for (const concurrency of [1, 32, 128]) {
      const rounds = await inTurns(server, candidates, STORED_ROUNDS, { kind, concurrency, ...ROUND });
      const [few, many] = [String(FEW_STORED), String(stored)].map((name) => rounds.get(name));
      results.push({ kind, concurrency, few, many });
    }
  }
  for (const candidate of candidates) await candidate.close();
  console.log(`\nOur store with ${FEW_STORED} and with ${stored} events stored`);
  console.table(
    results.map(({ kind, concurrency, few, many }) => ({
      streams: kind,
      'at a time': concurrency,
      [`appends/s at ${FEW_STORED}`]: printSpread(summaryOf(few).rate),
      [`at ${stored}`]: printSpread(summaryOf(many).rate),
      'server us': [few, many].map((list) => printCpu(cpuOf(list, 'serverMs'))).join(' / '),
      'many / few (rounds)': printRatio(ratioOf(many, few)),
    })),
  );
  return results;
}

/** What is to be reached, at the worse of new and existing streams. */
function barsOf({ fast, slow, stored: kept }) {
  const bars = [];
  const worst = (results, concurrency, figure) =>
    results.filter((result) => result.concurrency === concurrency).map(({ rounds }) => figure(rounds));
  const times = (other) => (rounds) => ratioOf(rounds.get('ours'), rounds.get(other)).ofMedians;
  const p99 = (rounds) => summaryOf(rounds.get('ours')).p99 / summaryOf(rounds.get('emmett')).p99;
  if (fast) {
    for (const [concurrency, wanted] of [
      [1, 3],
      [32, 7],
      [128, 10],
      [256, 10],
    ])
      bars.push(
        bar(`Emmett at ${concurrency}`, wanted, Math.min(...worst(fast, concurrency, times('emmett')))),
      );
    bars.push(bar('raw at 128', 1.2, Math.min(...worst(fast, 128, times('raw')))));
    bars.push(bar('p99 at 256, of Emmett', 0.1, Math.max(...worst(fast, 256, p99)), true));
  }
  if (slow)
    bars.push(bar('Emmett at 256, flush of 1 ms', 10, Math.min(...worst(slow, 256, times('emmett')))));
  if (kept) {
    const ratios = kept.map(({ few, many }) => ratioOf(many, few).ofMedians);
    bars.push(bar(`rate at ${stored} events, of that at ${FEW_STORED}`, 0.85, Math.min(...ratios)));
  }
  return bars;
}

const plain = (results) =>
  results?.map(({ rounds, ...rest }) => ({ ...rest, ...(rounds && { rounds: Object.fromEntries(rounds) }) }));

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
installBaselines();
const begun = performance.now();
const machine = { cpus: cpus().length, load: Number(loadavg()[0].toFixed(2)), node: process.version };
const results = {};
const server = await startServer();
console.log(
  `PostgreSQL ${server.version}, Node ${machine.node}, ${machine.cpus} processors, load ${machine.load}; each ` +
    `candidate a process of its own; ours: a pool of 12 connections, raw: up to ${connections}, Emmett: its defaults`,
);
try {
  if (parts.includes('fast'))
    results.fast = await compare(server, 'Flushes as this disk takes them', ROUNDS, LONG);
  if (parts.includes('stored')) results.stored = await compareStored(server);
} finally {
  await server.stop();
}
if (parts.includes('slow')) {
  const slow = slowFlushPackage();
  if (slow.missing) console.log(`\nFlushes of 1 ms are left out: ${slow.missing}`);
  else {
    const slowServer = await startServer(slow.packageDir);
    try {
      results.slow = await compare(slowServer, 'Flushes of 1 ms at least', SLOW_ROUNDS);
    } finally {
      await slowServer.stop();
      slow.remove();
    }
  }
}
const bars = barsOf(results);
const seconds = Math.round((performance.now() - begun) / 1_000);
console.log(`\nOurs against the bars, at the worse of new and existing streams (${seconds} s in all)`);
report(bars, {
  machine,
  stored,
  fast: plain(results.fast),
  slow: plain(results.slow),
  kept: plain(results.stored),
  bars,
});
