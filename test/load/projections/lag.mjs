/**
 * Sends commands on deals to the product at a steady rate, through its bulk route, and looks how long after the store
 * had recorded it each event was in the tables of every read model.
 */
import { once } from 'node:events';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { serveJobs } from '../append/jobs.mjs';
import { quantile } from '../product.mjs';
import { uuidOf } from './ids.mjs';

const { Client } = createRequire(import.meta.url)('pg');
const [url, key, databaseUrl] = process.argv.slice(2);

const STEP_MILLISECONDS = 10;
const LOOK_MILLISECONDS = 4;
/** So many deals are worked on at a time: the commands on one are a second apart. */
const AT_A_TIME = 2_000;
const WORK = [
  [
    'OpenDeal',
    { value: { amount: 1_250_000, currency: 'CNY' }, title: 'Fleet renewal', expectedCloseOn: '2036-12-01' },
  ],
  ['ScheduleFirstMeeting', { meetingAt: '2036-03-03T08:00:00.000Z' }],
  ['AdvanceDeal', { to: 'D' }],
  ['HoldFirstMeeting', { agreedToContinue: true }],
  ['AdvanceDeal', { to: 'C' }],
  ['ReviseDeal', { value: { amount: 1_100_000, currency: 'CNY' } }],
  ['ReviewDeal', { note: 'Next step stands' }],
  ['LoseDeal', { reason: 'price' }],
];

const run = process.pid;
/** How many commands were sent, in all. */
let sent = 0;

function line(number) {
  const round = Math.floor(number / AT_A_TIME);
  const deal = Math.floor(round / WORK.length) * AT_A_TIME + (number % AT_A_TIME);
  const [command, data] = WORK[round % WORK.length];
  return `${JSON.stringify({ command, id: uuidOf(`lag ${run} ${deal}`), key: `${run}-${number}`, data })}\n`;
}

/** Sends `perSecond` lines for a while, however the answers come. @returns how many were accepted, and in what time */
async function send(perSecond, ms) {
  const call = request(`${url}/v1/commands`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
  });
  call.flushHeaders();
  const answered = once(call, 'response').then(async ([response]) => {
    let accepted = 0;
    for await (const text of createInterface({ input: response })) {
      const answer = JSON.parse(text);
      if (answer.status !== 'accepted') throw new Error(`refused: ${text}`);
      accepted += 1;
    }
    return accepted;
  });
  const begun = performance.now();
  const before = sent;
  for (let now = begun; now - begun < ms; now = performance.now()) {
    const due = before + Math.floor(((now - begun) / 1_000) * perSecond);
    let lines = '';
    for (; sent < due; sent += 1) lines += line(sent);
    if (lines !== '' && !call.write(lines)) await once(call, 'drain');
    await pause(STEP_MILLISECONDS);
  }
  call.end();
  const accepted = await answered;
  return { accepted, seconds: (performance.now() - begun) / 1_000 };
}

/** Looks again and again up to which position all read models have come, by the clock of the server. */
async function look(client, looks, goesOn) {
  while (goesOn()) {
    looks.push(await reached(client));
    await pause(LOOK_MILLISECONDS);
  }
}

async function reached(client) {
  const { rows } = await client.query({
    name: 'reached',
    text: `select min(c.position)::float8 as position, extract(epoch from clock_timestamp())::float8 * 1000 as at
             from ops.checkpoints c join ops.generations g using (generation) where g.status = 'following'`,
  });
  return rows[0];
}

async function measure({ perSecond, warmUpMs, ms }) {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const head = async () => Number((await client.query('select position from es.head')).rows[0].position);
  await send(perSecond, warmUpMs);
  const from = await head();
  const looks = [];
  let sending = true;
  const looking = look(client, looks, () => sending);
  const { accepted, seconds } = await send(perSecond, ms).finally(() => (sending = false));
  await looking;
  const to = await head();
  while ((looks.at(-1)?.position ?? 0) < to) {
    looks.push(await reached(client));
    await pause(LOOK_MILLISECONDS);
  }
  const { rows } = await client.query(
    `select position::float8, extract(epoch from recorded_at)::float8 * 1000 as at
       from es.events where position > $1 and position <= $2 order by position`,
    [from, to],
  );
  await client.end();
  let seen = 0;
  const lags = rows.map(({ position, at }) => {
    while (looks[seen].position < position) seen += 1;
    return looks[seen].at - at;
  });
  return {
    perSecond: accepted / seconds,
    p50Ms: quantile(lags, 0.5),
    p99Ms: quantile(lags, 0.99),
    maxMs: Math.max(...chunkMax(lags)),
  };
}

/** The greatest of each thousand: more arguments than a call takes would be too many. */
const chunkMax = (values) =>
  Array.from({ length: Math.ceil(values.length / 1_000) }, (_, chunk) =>
    Math.max(...values.slice(chunk * 1_000, (chunk + 1) * 1_000)),
  );

serveJobs({ measure, close: () => undefined });
