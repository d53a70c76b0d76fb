import { existsSync } from 'node:fs';
import Module from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, say, SetUpError } from './project.mjs';
import { setUp } from './set-up.mjs';
import { runTests } from './test-run.mjs';

/** The file and first arguments behind each command that the build makes. */
const ENTRIES = {
  start: ['dist/apps/api/src/main.js'],
  guanxi: ['dist/apps/cli/src/main.js'],
  demo: ['dist/apps/cli/src/main.js', 'demo'],
  contracts: ['dist/apps/cli/src/main.js', 'contracts'],
};

/**
 * Sets up and runs. Signals and exit codes need no passing on: `start`, `guanxi`, `demo` and `contracts` run in this very process.
 *
 * @param {'start' | 'test' | 'demo' | 'guanxi' | 'bench' | 'chaos' | 'contracts'} command
 * @param {readonly string[]} args
 */
export async function runCommand(command, args) {
  try {
    await setUp();
    if (command === 'test') process.exitCode = await runTests(args);
    else if (command === 'bench') await runScript('benchmark', 'test/load/bench-', args);
    else if (command === 'chaos') await runScript('chaos test', 'test/chaos/', args);
    else {
      if (process.env['npm_lifecycle_event'] !== undefined) endWithParent();
      if (command !== 'guanxi') hearSignalsOnce();
      runMain(ENTRIES[command], args);
    }
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    say(error.message);
    process.exitCode = error.exitCode;
  }
}

/** Runs a benchmark of `test/load`, or a test of `test/chaos`, by its name. */
async function runScript(what, prefix, [name = '', ...args]) {
  const file = join(ROOT, `${prefix}${name}.mjs`);
  if (!/^[a-z]+$/.test(name) || !existsSync(file))
    throw new SetUpError(`There is no ${what} called ${name}.`, 2);
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}

/** Runs a CommonJS file as if Node had been started with it: it is the main module and sees its own arguments. */
function runMain([file, ...first], args) {
  const main = join(ROOT, file);
  if (!existsSync(main)) throw new SetUpError(`The build made no ${file}.`);
  process.argv = [process.execPath, main, ...first, ...args];
  Module.runMain(main);
}

/**
 * npm sends its signals to the shell that it started, and many a shell ends without passing them on. Then this
 * process would stay behind: it takes the end of its parent for the signal that it missed.
 */
function endWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 200);
  watch.unref();
}

/**
 * With Ctrl-C, a process below npm gets the signal twice, from the terminal and from npm. The second one must not
 * kill a server that is about to stop; before the server listens for signals, the first one ends it as ever.
 */
function hearSignalsOnce() {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    let heard = false;
    process.prependListener(signal, () => {
      if (!heard && process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
      heard = true;
    });
  }
}
