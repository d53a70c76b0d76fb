/**
 * Kills and halts workers of the read models, and PostgreSQL, while commands come in, again and again; at the end every
 * table has to be what a fresh fold of the log makes of it. Ends with 1 when it is not, or when it took too long until
 * others went on.
 *
 *   npm run chaos:projections -- [--rounds 100]
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkFold } from './fold-check.mjs';
import { LiveWriter } from './live-writer.mjs';
import { migrate } from './projections-product.mjs';
import { Server } from './server.mjs';
import { WorkerCrew } from './worker-crew.mjs';
import { KINDS, playRound } from './worker-rounds.mjs';

const WORKERS = 3;
const WRITERS = 2;
/** So long it may take until others have the shards of a worker that does nothing any more. */
const LONGEST_MS = 10_000;

const say = (line) => process.stdout.write(`${line}\n`);
const inSeconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;

const rounds = roundsWanted();
const dir = mkdtempSync(join(tmpdir(), 'guanxi-chaos-'));
// Root's PostgreSQL runs as another user, who has to pass.
chmodSync(dir, 0o711);

const words = [];
const longest = new Map();
let played = 0;
let summary = { events: 0, rows: 0, parked: 0, words: [] };
let writers = [];
const server = new Server(join(dir, 'postgres'));
let crew;
let ending;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void end().finally(() => process.exit(1)));
try {
  await server.start();
  await migrate(server.url);
  crew = new WorkerCrew(server, dir);
  await crew.start(WORKERS);
  writers = Array.from({ length: WRITERS }, (_, n) => new LiveWriter(`chaos ${n}`, () => crew.api.url));
  const commands = () => writers.reduce((sum, writer) => sum + writer.commands, 0);
  for (let number = 1; number <= rounds; number += 1) {
    const kind = KINDS[(number - 1) % KINDS.length];
    const before = commands();
    const { heldMs, foldedMs } = await playRound(kind, crew, commands);
    longest.set(kind, Math.max(longest.get(kind) ?? 0, heldMs));
    played = number;
    say(
      `round ${number}/${rounds}, ${kind}: all shards held after ${inSeconds(heldMs)}, going on after ` +
        `${inSeconds(foldedMs)}; ${commands() - before} commands meanwhile`,
    );
    if (heldMs > LONGEST_MS) words.push(`round ${number}: shards were free for ${inSeconds(heldMs)}`);
  }
  for (const writer of writers) await writer.stop();
  await crew.takenOver([], await crew.head());
  summary = await checkFold(server.url);
  words.push(...summary.words);
  if (summary.parked > 0) words.push(`${summary.parked} keys are parked`);
} catch (error) {
  words.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  for (const process of [crew?.api, ...(crew?.workers ?? [])])
    if (process) words.push(`${process.role}: ${process.told}`);
} finally {
  await end();
}

for (const each of words) say(each);
const sums = writers.reduce(
  ({ commands, interruptions, refused }, writer) => ({
    commands: commands + writer.commands,
    interruptions: interruptions + writer.interruptions,
    refused: refused + writer.refused.length,
  }),
  { commands: 0, interruptions: 0, refused: 0 },
);
const takeovers = [...longest].map(([kind, ms]) => `${kind} ${inSeconds(ms)}`).join(', ');
say(
  `${played} rounds, ${sums.commands} commands (${sums.refused} refused, ${sums.interruptions} interruptions), ` +
    `${summary.events} events, ${summary.rows} rows, ${summary.words.length} tables differ from a fresh fold, ` +
    `${summary.parked} parked; longest takeover: ${takeovers}`,
);
if (words.length > 0) {
  say(`The data are kept in ${dir}`);
  process.exitCode = 1;
} else rmSync(dir, { recursive: true, force: true });

/** Ends everything; a second call waits for the first one. */
function end() {
  ending ??= (async () => {
    for (const writer of writers) void writer.stop().catch(() => undefined);
    await crew?.end();
    await server.stop();
  })();
  return ending;
}

function roundsWanted() {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '100' } } });
  if (/^[1-9]\d{0,4}$/.test(values.rounds)) return Number(values.rounds);
  process.stderr.write('--rounds is a whole number from 1 to 99999\n');
  process.exit(2);
}
