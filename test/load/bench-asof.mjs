/**
 * The same question as of now and as of past moments, in turns, through HTTP; and as known at past moments.
 *
 *   npm run bench:asof -- [--json] [--events 1000000,10000000] [--rounds 120]
 *
 * The log is that of one pipeline at one volume of business: one of ten times the events spans ten times the years, which
 * is how a history grows. Of several sizes the answers' times are compared with those of the first.
 */
import { parseArgs } from 'node:util';
import { execute, makeDatabase, startServer } from './append/servers.mjs';
import { built } from './append/candidates.mjs';
import { bar } from './figures.mjs';
import { quantile, startProduct } from './product.mjs';
import { fillPipeline } from './projections/fill.mjs';
import { OWNERS, dealId, ownerId } from './projections/ids.mjs';
import { rebuildTables } from './projections/tables.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    events: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '120' },
  },
});
const sizes = options.events.split(',').map(Number);
const rounds = Number(options.rounds);
if (sizes.some((size) => !(size >= 10_000)) || !(rounds > 0)) {
  console.error('--events takes numbers from 10000 on, apart by commas; --rounds a number.');
  process.exit(2);
}

const WARM_UP = 15;
/** Moments asked for: so many, spread evenly over the whole history. */
const MOMENTS = 9;
const DAY = 86_400_000;
const QUARTER = 90 * DAY;
/** A deal that was opened so long before a moment is half way through its life. */
const MIDDLE_OF_LIFE = 15 * DAY;
const KINDS = ['current', 'asOf', 'known', 'learnedLater'];

const iso = (time) => new Date(time).toISOString();

/**
 * What is asked; `path` gets the moment of the question (now: the end of the log), the log and the round.
 */
const QUESTIONS = [
  { query: 'board', path: () => '/v1/pipeline/board?' },
  {
    query: 'deals of one owner',
    path: (_moment, _log, round) => `/v1/deals?status=open&limit=50&owner=${ownerId((round * 7) % OWNERS)}`,
  },
  {
    query: 'one deal',
    path: (moment, log, round) => {
      const share = (moment - MIDDLE_OF_LIFE - log.from) / (log.to - log.from);
      return `/v1/deals/${dealId(Math.max(0, Math.floor(share * log.deals) - round))}?`;
    },
  },
  {
    query: 'waterfall of a quarter',
    path: (moment) => `/v1/pipeline/waterfall?from=${iso(moment - QUARTER)}&to=${iso(moment)}`,
  },
];

/** The moments behind a question: what was true, as is known now, as was known then and as was known three weeks later. */
const AXES = {
  current: () => '',
  asOf: (moment) => `&asOf=${iso(moment)}`,
  known: (moment) => `&asOf=${iso(moment)}&asKnownAt=${iso(moment)}`,
  learnedLater: (moment) => `&asOf=${iso(moment)}&asKnownAt=${iso(moment + 21 * DAY)}`,
};

const server = await startServer();
const runs = [];
try {
  for (const size of sizes) runs.push(await measure(size));
} finally {
  await server.stop();
}
console.table(runs.flatMap(tableOf));
console.table(barsOf(runs));
const [first, ...larger] = runs;
const { events, queries } = runs.at(-1) ?? first;
if (options.json) console.log(JSON.stringify({ events, queries, ...(larger.length > 0 && { runs }) }));

/** Fills a log, makes the tables of it, and asks the product. */
async function measure(size) {
  const url = await makeDatabase(server, `asof_${size}`);
  await built('platform').migrate(url);
  console.error(`writing ${size} events`);
  const log = await fillPipeline(url, size);
  console.error('making the tables');
  await rebuildTables(url);
  const product = await startProduct({ environment: { DATABASE_URL: url } });
  try {
    const head = await followed(product);
    // As the server's own autovacuum leaves them within a minute; here it would come by in the middle of the run.
    await execute(url, 'vacuum analyze', 'checkpoint');
    const queries = [];
    for (const question of QUESTIONS) queries.push(await ask(product, question, log));
    return { events: head, years: Number(((log.to - log.from) / DAY / 365).toFixed(1)), queries };
  } finally {
    await product.stop();
  }
}

/** Waits until every read model holds the whole log. @returns the number of events */
async function followed(product) {
  for (;;) {
    const { projections } = await (await fetch(`${product.url}/health/ready`)).json();
    if (projections.models.every(({ lag }) => lag === '0')) return Number(projections.head);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Times of one question, now and at each moment in turn. */
async function ask(product, { query, path }, log) {
  const times = Object.fromEntries(KINDS.map((kind) => [kind, []]));
  const [from, to] = [log.from.getTime() + 2 * QUARTER, log.to.getTime() - DAY];
  for (let round = 0; round < rounds + WARM_UP; round += 1) {
    const past = from + ((to - from) * (round % MOMENTS)) / (MOMENTS - 1);
    for (const kind of KINDS) {
      const moment = kind === 'current' ? to : past;
      const url =
        path(moment, { ...log, from: log.from.getTime(), to: log.to.getTime() }, round) + AXES[kind](moment);
      const begun = performance.now();
      await product.get(url);
      if (round >= WARM_UP) times[kind].push(performance.now() - begun);
    }
  }
  const p50 = (kind) => Number(quantile(times[kind], 0.5).toFixed(2));
  const ratio = (kind) => Number((p50(kind) / p50('current')).toFixed(2));
  return {
    query,
    currentP50Ms: p50('current'),
    asOfP50Ms: p50('asOf'),
    asOfAsKnownAtP50Ms: p50('known'),
    learnedLaterP50Ms: p50('learnedLater'),
    ratio: ratio('asOf'),
    knownRatio: ratio('known'),
  };
}

function tableOf({ events, years, queries }) {
  return queries.map((row) => ({ events, years, ...row }));
}

/** What is to be reached: near the speed of now, and no slower with ten times the history. */
function barsOf([smallest, ...others]) {
  const near = [smallest, ...others].flatMap(({ events, queries }) =>
    queries.map(({ query, ratio }) => bar(`${query}: as of over current, ${events} events`, 2, ratio, true)),
  );
  const grown = others.flatMap(({ events, queries }) =>
    queries.map(({ query, asOfP50Ms }, index) =>
      bar(
        `${query}: as of, ${events} over ${smallest.events} events`,
        1.3,
        asOfP50Ms / smallest.queries[index].asOfP50Ms,
        true,
      ),
    ),
  );
  return [...near, ...grown];
}
