/**
 * Sets up what is missing, then runs one of the project's commands:
 *
 *   node infra/scripts/run.mjs start|test|demo|guanxi|bench|chaos|contracts [args]
 *
 * Needs Node alone. This file keeps to what old versions of Node understand, so that they can say that they are old.
 */
import { readFileSync } from 'fs';

const COMMANDS = ['start', 'test', 'demo', 'guanxi', 'bench', 'chaos', 'contracts'];

const tooOld = whyNodeIsTooOld();
const [, , command, ...args] = process.argv;
if (tooOld !== undefined) {
  console.error(tooOld);
  process.exitCode = 1;
} else if (!COMMANDS.includes(command)) {
  console.error('usage: node infra/scripts/run.mjs ' + COMMANDS.join('|') + ' [args]');
  process.exitCode = 2;
} else {
  import('./commands.mjs').then(({ runCommand }) => runCommand(command, args));
}

function whyNodeIsTooOld() {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const wanted = engines.node.replace('>=', '');
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number);
  const [major, minor] = process.version.slice(1).split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined;
  return (
    'Guanxi needs Node ' +
    wanted +
    ' or later; this is ' +
    process.version +
    '. Get it from https://nodejs.org'
  );
}
