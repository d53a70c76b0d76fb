/**
 * One Apache Kafka broker on the loopback address, for development and tests:
 *
 *   node infra/kafka/kafka.mjs [run|start|stop|wipe|status|fetch] [--port N] [--dir D] [--now]
 *                              [--settings FILE] [--scram-user NAME:PASSWORD]...
 *
 * run (also without a word) stays in the foreground until Ctrl-C; start leaves it in the background. What they print
 * on stdout is the broker's address alone; words for people go to stderr. What stands in FILE goes into the broker's
 * settings; listeners there come beside its own. Users of SCRAM are made at the first start in a directory.
 */
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { say, SetUpError } from '../scripts/project.mjs';
import { addressOf, lastWordsOf, prepareKafka, startBroker, stopBroker, wipeBroker } from './broker.mjs';
import { KAFKA_HOME } from './fetch.mjs';
import { isRunning, isWanted, runningIn } from './process.mjs';

const USAGE =
  'usage: npm run kafka -- [run|start|stop|wipe|status|fetch] [--port N] [--dir D] [--now] [--settings FILE] [--scram-user NAME:PASSWORD]...';
const print = (line) => process.stdout.write(`${line}\n`);
const help = () => print(USAGE);
const COMMANDS = { run, start, stop, wipe, status, fetch, help };

async function fetch() {
  await prepareKafka(heardSignal());
}

async function start(options) {
  const { running, fresh } = await startBroker(options, heardSignal());
  if (!fresh) say(`Kafka runs already (pid ${running.pid}).`);
  print(addressOf(running));
}

async function run(options) {
  const told = heardSignal();
  const { running, fresh } = await startBroker(options, told);
  const address = addressOf(running);
  print(address);
  if (!fresh) {
    say(`Kafka runs already (pid ${running.pid}); npm run kafka -- stop ends it.`);
    return;
  }
  say(`Kafka listens on ${address} (log: ${join(options.dir, 'broker.log')}). Next:\n`);
  say(`  KAFKA_BROKERS=${address} npm start\n`);
  say('Ctrl-C stops it; npm run kafka -- wipe removes its data.');
  while (!told.aborted && isRunning(running))
    await delay(100, undefined, { signal: told }).catch(() => undefined);
  if (told.aborted) {
    say('Stopping Kafka ...');
    await stopBroker(options.dir);
  } else if (isWanted(options.dir, running)) {
    throw new SetUpError(`Kafka has ended by itself:\n${lastWordsOf(options.dir)}`);
  } else say('Kafka was stopped.');
}

async function stop({ dir, now }) {
  if (!(await stopBroker(dir, { now }))) say('Kafka does not run.');
}

async function wipe({ dir }) {
  await wipeBroker(dir);
}

async function status({ dir }) {
  const running = runningIn(dir);
  if (running === undefined) {
    say('Kafka does not run; npm run kafka starts it.');
    process.exitCode = 3;
    return;
  }
  say(`Kafka runs (pid ${running.pid}).`);
  print(addressOf(running));
}

/**
 * Aborts with the first signal: what has been started is ended in order. The second of two, as npm and the terminal
 * send them, changes nothing.
 */
function heardSignal() {
  const heard = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => heard.abort());
  // npm signals the shell that it started, and many a shell ends without passing that on.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) heard.abort();
  }, 200).unref();
  return heard.signal;
}

function optionsOf(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      dir: { type: 'string' },
      now: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      settings: { type: 'string' },
      'scram-user': { type: 'string', multiple: true },
    },
  });
  if (values.help) return { command: 'help' };
  const [command = 'run', ...rest] = positionals;
  if (!Object.hasOwn(COMMANDS, command) || rest.length > 0) throw new SetUpError(USAGE, 2);
  const port = Number(values.port ?? '9092');
  if (!/^\d+$/.test(values.port ?? '9092') || port > 65_535)
    throw new SetUpError(
      `--port ${values.port} is no port: a number up to 65535, or 0 for any that is free.`,
      2,
    );
  const { settings, 'scram-user': scramUsers = [] } = values;
  if (scramUsers.some((user) => !/^[^:,\[\]]+:[^,\[\]]+$/.test(user)))
    throw new SetUpError('--scram-user must be NAME:PASSWORD, without commas and brackets.', 2);
  return {
    ...{ command, port, dir: resolve(values.dir ?? join(KAFKA_HOME, 'broker')), now: values.now ?? false },
    ...{ scramUsers, ...(settings !== undefined && { settings: resolve(settings) }) },
  };
}

try {
  const { command, ...options } = optionsOf(process.argv.slice(2));
  await COMMANDS[command](options);
} catch (error) {
  if (error instanceof SetUpError) say(error.message);
  else if (String(error?.code).startsWith('ERR_PARSE_ARGS')) say(`${error.message}\n${USAGE}`);
  else throw error;
  process.exitCode = error.exitCode ?? 2;
}
