/**
 * Kills readers of the feed, a receiver of webhooks, the product and PostgreSQL, while commands come in, again and
 * again; then each reader has to hold each public event of the log once and in its order, and the receiver, once it has
 * dropped doubles, each of them once and in order per key. Ends with 1 otherwise. `--events` is how many are appended at
 * least: while something is waited for, more come in.
 *
 *   npm run chaos:feed -- [--rounds 24] [--events 50000]
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busyDeals } from './busy-deals.mjs';
import { kindOf, playRound } from './feed-rounds.mjs';
import { CommandWriter, LiveWriter } from './live-writer.mjs';
import { migrate } from './projections-product.mjs';
import { Server } from './server.mjs';
import { sizesOf } from './sizes.mjs';
import { freePort, Subscribers } from './subscribers.mjs';
import { WorkerCrew } from './worker-crew.mjs';
import { KEY } from './worker-processes.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
const inSeconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;

const { rounds, events } = sizesOf({ rounds: '24', events: '50000' });
const dir = mkdtempSync(join(tmpdir(), 'guanxi-chaos-'));
// Root's PostgreSQL runs as another user, who has to pass.
chmodSync(dir, 0o711);

const words = [];
const longest = new Map();
let [played, kills, head] = [0, 0, 0n];
let sums = { public: 0, keys: 0, found: {} };
let writers = [];
const server = new Server(join(dir, 'postgres'));
let crew;
let subscribers;
let ending;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void end().finally(() => process.exit(1)));
try {
  await server.start();
  await migrate(server.url);
  crew = new WorkerCrew(server, dir, {
    ...{ GUANXI_ROLE: 'all', GUANXI_PORT: String(await freePort()) },
    ...{ GUANXI_WEBHOOK_ALLOW_HTTP: 'true', GUANXI_WEBHOOK_ALLOW_PRIVATE: 'true' },
    GUANXI_SECRETS_KEY: randomBytes(32).toString('base64'),
  });
  await crew.start(0);
  subscribers = await Subscribers.start(crew, dir, KEY);
  const url = () => crew.api.url;
  writers = [new LiveWriter('chaos', url), new CommandWriter(busyDeals(), url)];
  for (let number = 1; number <= rounds; number += 1) {
    const kind = kindOf(number);
    const before = await crew.head();
    const round = await playRound(kind, { crew, subscribers }, Math.ceil(events / rounds));
    longest.set(kind, Math.max(longest.get(kind) ?? 0, round.goingOnMs));
    played = number;
    kills += round.kills;
    head = await crew.head();
    say(
      `round ${number}/${rounds}, ${kind}: all were told of all after ${inSeconds(round.goingOnMs)}; ` +
        `${head - before} events meanwhile`,
    );
  }
  for (const writer of writers) await writer.stop();
  head = await crew.head();
  await subscribers.heard(head);
  sums = await subscribers.check();
  for (const [name, found] of Object.entries(sums.found))
    words.push(...found.words.map((word) => `${name}: ${word}`));
  if (sums.public < events / 2) words.push(`only ${sums.public} events were public`);
} catch (error) {
  words.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  if (crew?.api) words.push(`${crew.api.role}: ${crew.api.told}`);
} finally {
  await end();
}

for (const each of words) say(each);
const commands = writers.reduce((sum, writer) => sum + writer.commands, 0);
const refused = writers.reduce((sum, writer) => sum + writer.refused.length, 0);
const interruptions = writers.reduce((sum, writer) => sum + writer.interruptions, 0);
const found = Object.entries(sums.found).map(
  ([name, { missing, doubled, disordered, unknown, dropped }]) =>
    `${name}: ${missing} missing, ${doubled} doubled, ${disordered} out of order, ${unknown} unknown` +
    (dropped === undefined ? '' : `, ${dropped} doubles dropped by their id`),
);
const goingOn = [...longest].map(([kind, ms]) => `${kind} ${inSeconds(ms)}`).join(', ');
say(
  `${played} rounds, ${kills} processes killed, ${commands} commands (${refused} refused, ${interruptions} interruptions), ` +
    `${head} events, ${sums.public} public of ${sums.keys} keys; ${found.join('; ')}; longest until going on: ${goingOn}`,
);
if (words.length > 0) {
  say(`The data are kept in ${dir}`);
  process.exitCode = 1;
} else rmSync(dir, { recursive: true, force: true });

/** Ends everything; a second call waits for the first one. */
function end() {
  ending ??= (async () => {
    for (const writer of writers) void writer.stop().catch(() => undefined);
    await subscribers?.end();
    await crew?.end();
    await server.stop();
  })();
  return ending;
}
