/**
 * Kills and halts the relay, and kills the broker, while events are appended, again and again; then a `read_committed`
 * consumer has to find each public event of the log once, in order per key, and none missing. Ends with 1 otherwise.
 *
 *   npm run chaos:kafka -- [--rounds 28] [--events 50000]
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from './broker.mjs';
import { DealWriter } from './deal-writer.mjs';
import { migrate } from './projections-product.mjs';
import { checkpoints, checkPublished, compacted, hasteCompaction } from './published-check.mjs';
import { kindOf, playRound, published } from './relay-rounds.mjs';
import { Server } from './server.mjs';
import { sizesOf } from './sizes.mjs';
import { WorkerCrew } from './worker-crew.mjs';

/** One relays, the other one stands by. */
const WORKERS = 2;
const EVENTS_PER_SECOND = 800;
/** What is published at the end, so that more of the checkpoint topic is compacted, and by a relay that starts from it. */
const AFTERWARDS = 100;

const say = (line) => process.stdout.write(`${line}\n`);
const inSeconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;

const { rounds, events } = sizesOf({ rounds: '28', events: '50000' });
const dir = mkdtempSync(join(tmpdir(), 'guanxi-chaos-'));
// Root's PostgreSQL runs as another user, who has to pass.
chmodSync(dir, 0o711);

const words = [];
const longest = new Map();
let [played, kills, halts, fenced] = [0, 0, 0, 0];
let sums = {};
let kept = { left: 0, written: 0 };
const server = new Server(join(dir, 'postgres'));
const broker = new Broker(join(dir, 'kafka'));
let crew;
let writer;
let ending;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void end().finally(() => process.exit(1)));
try {
  await broker.start();
  await hasteCompaction(broker.client());
  await server.start();
  await migrate(server.url);
  crew = new WorkerCrew(server, dir, { KAFKA_BROKERS: broker.address, GUANXI_LOG_LEVEL: 'debug' });
  for (let n = 0; n < WORKERS; n += 1) await crew.join();
  writer = new DealWriter(server.url, EVENTS_PER_SECOND);
  for (let number = 1; number <= rounds; number += 1) {
    const kind = kindOf(number);
    const before = writer.written;
    const share = Math.floor((events * number) / rounds) - before;
    const round = await playRound(kind, { crew, broker, writer }, share);
    longest.set(kind, Math.max(longest.get(kind) ?? 0, round.goingOnMs));
    played = number;
    kills += kind.endsWith('killed') ? 1 : 0;
    halts += kind.endsWith('halted') ? 1 : 0;
    fenced += round.fenced ? 1 : 0;
    say(
      `round ${number}/${rounds}, ${kind}: going on after ${inSeconds(round.goingOnMs)}; ` +
        `${writer.written - before} events meanwhile${round.fenced ? '; the one that was halted was fenced' : ''}`,
    );
  }
  if (halts >= 3 && fenced === 0) words.push('no zombie tried to write: nothing was shown by them');
  await published(crew, await crew.head());
  kept = await compacted(broker.client(), more);
  await afterwards();
  const log = `select stream, type, id, revision::integer, position::text from es.events order by es.events.position`;
  sums = await checkPublished(broker.client(), () => crew.rows(log));
  words.push(...sums.words);
  if (sums.public < events / 2) words.push(`only ${sums.public} events were public`);
} catch (error) {
  words.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  for (const worker of crew?.workers ?? []) words.push(`${worker.role}: ${worker.told}`);
} finally {
  await end();
}

for (const each of words) say(each);
const goingOn = [...longest].map(([kind, ms]) => `${kind} ${inSeconds(ms)}`).join(', ');
say(
  `${played} rounds, ${kills} with kill -9, ${halts} with a zombie (${fenced} told that it was fenced), ` +
    `${writer?.written ?? 0} events, ${sums.public ?? 0} public of ${sums.keys ?? 0} keys: ${sums.missing ?? '?'} missing, ` +
    `${sums.doubled ?? '?'} doubled, ${sums.disordered ?? '?'} keys out of order, ${sums.unknown ?? '?'} unknown, ` +
    `${sums.undone ?? '?'} messages of undone transactions hidden; checkpoint topic compacted to ${kept.left} of ` +
    `${kept.written} records; longest until going on: ${goingOn}`,
);
if (words.length > 0) {
  say(`The data are kept in ${dir}`);
  process.exitCode = 1;
} else rmSync(dir, { recursive: true, force: true });

/** A relay of a new process, on a broker that was started anew, goes on from what the compacted topic says. */
async function afterwards() {
  for (const worker of [...crew.workers]) {
    crew.leave(worker);
    await worker.kill();
  }
  const before = await lastCheckpoint();
  await broker.restart();
  const after = await lastCheckpoint();
  if (after !== before) words.push(`the checkpoint topic said ${before}, and ${after} after a restart`);
  await crew.join();
  await more();
}

async function more() {
  await writer.write(AFTERWARDS);
  await published(crew, await crew.head());
}

async function lastCheckpoint() {
  const { positions } = await checkpoints(broker.client());
  return positions.at(-1);
}

/** Ends everything; a second call waits for the first one. */
function end() {
  ending ??= (async () => {
    await crew?.end();
    await writer?.close();
    await server.stop();
    await broker.end();
  })();
  return ending;
}
