/**
 * Kills the process that appends, and PostgreSQL, in the middle of appends, again and again, and looks each time whether
 * every acknowledged event is there once and in order. Ends with 1 when it is not.
 *
 *   npm run chaos:store -- [--rounds 100]
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LogCheck } from './log-check.cjs';
import { migrate } from './product.mjs';
import { KINDS, lookAgain, playRound } from './rounds.mjs';
import { Server } from './server.mjs';

const say = (line) => process.stdout.write(`${line}\n`);

const rounds = roundsWanted();
const dir = mkdtempSync(join(tmpdir(), 'guanxi-chaos-'));
// Root's PostgreSQL runs as another user, who has to pass.
chmodSync(dir, 0o711);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const server = new Server(dir);
const log = new LogCheck();
let played = 0;
const sums = {
  ...{ acknowledged: 0, acknowledgedEvents: 0, failures: 0 },
  ...{ underWay: 0, unanswered: 0, unansweredWritten: 0 },
};
try {
  await server.start();
  await migrate(server.url);
  for (let number = 1; number <= rounds && log.total === 0; number += 1) {
    const kind = KINDS[(number - 1) % KINDS.length];
    const round = await playRound(kind, number, server, log);
    for (const [name, count] of Object.entries(round)) sums[name] += count;
    played = number;
    say(
      `round ${number}/${rounds}, killed the ${kind}: ${round.acknowledged} appends acknowledged, ${round.failures} ` +
        `failed, ${round.underWay} under way at the kill`,
    );
  }
  await lookAgain(server, log);
} finally {
  await server.stop();
}

// A kill between two appends would prove nothing.
if (sums.underWay === 0) log.words.push('no append was under way at any kill');
for (const words of log.words) say(words);
say(
  `${played} rounds, ${sums.acknowledgedEvents} acknowledged events, ${describe(log.faults)} ` +
    `(${sums.underWay} appends under way at the kills; of ${sums.unanswered} never answered, ` +
    `${sums.unansweredWritten} are there, whole)`,
);
if (log.words.length > 0) {
  say(`The data are kept in ${dir}`);
  process.exitCode = 1;
} else rmSync(dir, { recursive: true, force: true });

function roundsWanted() {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '100' } } });
  if (/^[1-9]\d{0,4}$/.test(values.rounds)) return Number(values.rounds);
  process.stderr.write('--rounds is a whole number from 1 to 99999\n');
  process.exit(2);
}

function describe(faults) {
  return Object.entries(faults)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}
