import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { Binaries } from './binaries';
import { ROLE } from './cluster';
import { surroundings } from './commands';
import { EmbeddedPostgresError, errorCode, errorMessage } from './errors';
import { readPidFile } from './former-server';
import type { ServerLog } from './log-file';
import type { Place } from './place';
import { freePort, LOOPBACK, portTaken } from './ports';
import { serverSettings } from './settings';
import { endServer, signal } from './shutdown';

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** Holds when the server has ended, for whatever reason. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface ServerStart {
  readonly binaries: Binaries;
  readonly place: Place;
  readonly password: string;
  /** 0: any free one. */
  readonly port: number;
  readonly serverLog: ServerLog;
  readonly log: (line: string) => void;
}

/** Recovery after an unclean end reads up to 2 GB of log. */
const READY_MS = 5 * 60 * 1000;
const PATIENCE_MS = 2_000;
/** How often somebody else may take the port between our finding it free and the server's opening it. */
const PORT_TRIES = 5;

/**
 * Starts the server and waits until it answers a query.
 *
 * @throws EmbeddedPostgresError `port-taken`, `start-failed`
 */
export async function startServer(start: ServerStart): Promise<RunningServer> {
  for (let tries = 1; ; tries++) {
    const port = await freePort(start.port);
    const server = await spawnServer(start, port);
    try {
      await ready(start, server);
      return server;
    } catch (error) {
      await server.stop();
      const taken = /could not bind|could not create any TCP\/IP sockets/.test(start.serverLog.recent());
      if (!taken) throw error;
      if (start.port !== 0 || tries === PORT_TRIES) throw portTaken(port, 'taken while starting', error);
    }
  }
}

function spawnServer({ binaries, place, serverLog }: ServerStart, port: number): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    const child = spawn(binaries.postgres, ['-D', place.clusterDir, ...serverSettings(port)], {
      ...surroundings(place.runAs),
      // Of its own group: Ctrl-C in the terminal must reach Guanxi alone, which stops the server when it is done.
      detached: true,
      stdio: ['ignore', serverLog.fd, serverLog.fd],
    });
    const ended = new Promise<string>((resolveEnd) => {
      child.once('exit', (code, by) => {
        resolveEnd(by ?? `exit code ${code ?? 'unknown'}`);
      });
    });
    child.once('error', (error) => {
      reject(
        new EmbeddedPostgresError('start-failed', `PostgreSQL can't be started: ${error.message}`, {
          cause: error,
        }),
      );
    });
    child.once('spawn', () => {
      child.unref();
      resolve(runningServer(child.pid ?? 0, port, ended));
    });
  });
}

function runningServer(pid: number, port: number, ended: Promise<string>): RunningServer {
  // A process that ends without stopping the server, as after an uncaught error, takes it along.
  const onExit = (): void => {
    signal(pid, 'SIGINT');
  };
  process.once('exit', onExit);
  void ended.then(() => process.off('exit', onExit));
  let stopping: Promise<void> | undefined;
  return {
    pid,
    port,
    ended,
    stop: () => (stopping ??= endServer(pid)),
  };
}

/** Connects until the server answers, or has ended, or takes longer than any recovery does. */
async function ready(
  { place, password, serverLog, log }: ServerStart,
  { pid, port, ended }: RunningServer,
): Promise<void> {
  const began = performance.now();
  const state = { ended: false, told: false };
  void ended.then(() => (state.ended = true));
  for (;;) {
    if (state.ended) throw startFailed('it ended', serverLog);
    const file = readPidFile(place.clusterDir);
    if (file?.pid === pid && file.ready && (await answers(port, password, serverLog))) return;
    const waited = performance.now() - began;
    if (waited > READY_MS) throw startFailed(`it was not ready within ${READY_MS / 1000} s`, serverLog);
    if (waited > PATIENCE_MS && !state.told) {
      state.told = true;
      log('PostgreSQL needs longer than usual: it recovers what was not written when it was last stopped.');
    }
    await delay(10);
  }
}

async function answers(port: number, password: string, serverLog: ServerLog): Promise<boolean> {
  const client = new Client({ host: LOOPBACK, port, user: ROLE, password, database: 'postgres', ssl: false });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('select from pg_database where datname = $1', [ROLE]);
    if (rowCount === 0) await client.query(`create database ${ROLE}`);
    return true;
  } catch (error) {
    const code = errorCode(error);
    // 57P03: starting up; the server says so itself, and so does one that has just been killed.
    if (code === '57P03' || code === 'ECONNREFUSED' || code === 'ECONNRESET') return false;
    throw startFailed(errorMessage(error), serverLog, error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function startFailed(why: string, serverLog: ServerLog, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'start-failed',
    `PostgreSQL did not start: ${why}. The end of its log:\n${serverLog.recent()}`,
    { cause },
  );
}
