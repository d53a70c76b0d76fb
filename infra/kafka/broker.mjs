import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withLock } from '../scripts/lock.mjs';
import { say, SetUpError } from '../scripts/project.mjs';
import { archiveOptions, BROKEN_OFF } from './archive.mjs';
import { fetchKafka, KAFKA_HOME } from './fetch.mjs';
import { freePort, isFree } from './ports.mjs';
import { forget, isRunning, markOf, note, runningIn } from './process.mjs';
import { scramArguments, settingsText } from './settings.mjs';
import { javaProgram } from './tools.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Any will do; the same as in docker-compose.yml. */
const CLUSTER_ID = 'Z3VhbnhpLWxvY2FsLWt2MQ';
const FIRST_RUN = 'first-run-';
const STARTED = 'Kafka Server started';
const START_MS = 120_000;
const STOP_MS = 60_000;
/** Everything that a broker leaves in its directory. */
const OWN = [
  'data',
  'formatted',
  'server.properties',
  'broker.log',
  'format.log',
  'broker.json',
  'broker.json.new',
];

export const addressOf = ({ port }) => `127.0.0.1:${port}`;

const exclusively = (dir, work) => {
  mkdirSync(dir, { recursive: true });
  return withLock(work, { file: `${dir}.lock`, holder: 'another command for this broker' });
};

/**
 * Starts the one broker of a directory and waits until it serves; one that runs already is left as it is.
 *
 * @param {{ dir: string, port: number, settings?: string, scramUsers?: readonly string[] }} options port 0: any that
 *   is free; settings: a file with settings of one's own; scramUsers: NAME:PASSWORD each, known from the first start on
 * @param {AbortSignal} [told] breaks the start off; nothing of it stays behind
 * @returns {Promise<{ running: import('./process.mjs').Running, fresh: boolean }>}
 * @throws {SetUpError} that says what is wrong
 */
export async function startBroker({ dir, port, ...more }, told) {
  const java = await prepareKafka(told);
  let running;
  let fresh = false;
  await exclusively(dir, async () => {
    running = runningIn(dir);
    if (running !== undefined) return;
    running = await launch(dir, java, { port, ...more });
    fresh = true;
  });
  try {
    await untilStarted(dir, running, told);
  } catch (error) {
    if (fresh) await stopBroker(dir, { now: true });
    throw error;
  }
  return { running, fresh };
}

/**
 * Brings Kafka where it is not here yet, and readies it to start fast.
 *
 * @param {AbortSignal} [told] breaks it off
 * @returns {Promise<readonly string[]>} the options of Java that run it
 */
export async function prepareKafka(told) {
  const lib = await fetchKafka();
  // In an order of our own: an archive of classes holds for one only.
  const jars = readdirSync(lib).filter((name) => name.endsWith('.jar'));
  const java = [
    `@${join(HERE, 'jvm.options')}`,
    '-Djava.awt.headless=true',
    `-Dlog4j2.configurationFile=${join(HERE, 'log4j2.properties')}`,
    '-cp',
    jars
      .sort()
      .map((name) => join(lib, name))
      .join(delimiter),
  ];
  const archive = await archiveOptions(lib, async (options) => {
    await sweep();
    const dir = mkdtempSync(join(KAFKA_HOME, FIRST_RUN));
    try {
      await untilStarted(dir, await launch(dir, [...options, ...java], { port: 0 }, java), told);
      await end(dir, false);
    } finally {
      await end(dir, true);
      rmSync(dir, { recursive: true, force: true });
    }
  });
  return [...archive, ...java];
}

/** A first run that was killed may have left its broker behind. */
async function sweep() {
  for (const name of readdirSync(KAFKA_HOME).filter((name) => name.startsWith(FIRST_RUN))) {
    await end(join(KAFKA_HOME, name), true);
    rmSync(join(KAFKA_HOME, name), { recursive: true, force: true });
  }
}

async function launch(dir, java, { port: wanted, settings: own, scramUsers = [] }, javaToFormat = java) {
  if (wanted !== 0 && !(await isFree(wanted)))
    throw new SetUpError(`Port ${wanted} is in use: stop what listens there, or name another with --port.`);
  const port = wanted === 0 ? await freePort() : wanted;
  const settings = join(dir, 'server.properties');
  writeFileSync(settings, settingsText({ dir, port, controllerPort: await freePort(port), own }));
  await format(dir, javaToFormat, settings, scramUsers);
  const id = randomUUID();
  const child = logged(join(dir, 'broker.log'), [markOf(id), ...java, 'kafka.Kafka', settings]);
  await once(child, 'spawn');
  child.unref();
  const running = { pid: child.pid, id, port };
  note(dir, running);
  return running;
}

/** Once for each directory; one that was broken off is begun again. */
async function format(dir, java, settings, scramUsers) {
  const done = join(dir, 'formatted');
  if (existsSync(done)) return;
  rmSync(join(dir, 'data'), { recursive: true, force: true });
  const log = join(dir, 'format.log');
  const tool = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', settings];
  const child = logged(log, [...java, ...tool, ...scramUsers.flatMap(scramArguments)]);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new SetUpError(`Kafka could not prepare ${join(dir, 'data')}:\n${lastLines(log)}`);
  writeFileSync(done, '');
}

/** A process of its own: a signal of the terminal reaches it through us alone. */
function logged(file, args) {
  const log = openSync(file, 'w');
  try {
    return spawn(javaProgram(), args, { cwd: '/', stdio: ['ignore', log, log], detached: true });
  } finally {
    closeSync(log);
  }
}

async function untilStarted(dir, running, told) {
  const log = join(dir, 'broker.log');
  for (const end = Date.now() + START_MS; Date.now() < end; await delay(50)) {
    if (readFileSync(log, 'utf8').includes(STARTED)) return;
    if (told?.aborted) throw new SetUpError('Broken off.', BROKEN_OFF);
    if (!isRunning(running)) throw new SetUpError(`Kafka ended while it started:\n${lastLines(log)}`);
  }
  throw new SetUpError(
    `Kafka (pid ${running.pid}) did not start within ${START_MS / 1_000} s:\n${lastLines(log)}`,
  );
}

const lastLines = (file) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');

/** What the broker said last. */
export const lastWordsOf = (dir) => lastLines(join(dir, 'broker.log'));

/**
 * Ends the broker of a directory and waits until it has ended.
 *
 * @param {string} dir
 * @param {{ now?: boolean }} [options] now: as a crash would, without a chance to tidy up
 * @returns {Promise<boolean>} whether there was one
 */
export async function stopBroker(dir, { now = false } = {}) {
  if (!existsSync(dir)) return false;
  let ended = false;
  await exclusively(dir, async () => {
    ended = await end(dir, now);
  });
  return ended;
}

async function end(dir, now) {
  const running = runningIn(dir);
  if (running === undefined) return false;
  note(dir, { ...running, stopping: true });
  if (now) signal(running, 'SIGKILL');
  else {
    signal(running, 'SIGTERM');
    if (!(await untilEnded(running, STOP_MS))) {
      say(`Kafka (pid ${running.pid}) did not stop within ${STOP_MS / 1_000} s: it is killed.`);
      signal(running, 'SIGKILL');
    }
  }
  if (!(await untilEnded(running, STOP_MS)))
    throw new SetUpError(`Kafka (pid ${running.pid}) can't be ended.`);
  forget(dir);
  return true;
}

function signal(running, name) {
  try {
    if (isRunning(running)) process.kill(running.pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

async function untilEnded(running, ms) {
  for (const end = Date.now() + ms; Date.now() < end; await delay(20)) if (!isRunning(running)) return true;
  return !isRunning(running);
}

/** Stops the broker of a directory and removes what it left there, and nothing else. */
export async function wipeBroker(dir) {
  if (!existsSync(dir)) return;
  await exclusively(dir, async () => {
    await end(dir, false);
    for (const name of OWN) rmSync(join(dir, name), { recursive: true, force: true });
    if (readdirSync(dir).length === 0) rmdirSync(dir);
  });
}
