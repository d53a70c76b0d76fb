import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '../client/client';
import { keptKey } from '../client/settings';
import { Failure } from '../failures';
import { noteServer } from './directory';

const HOST = '127.0.0.1';
const USUAL_PORT = 3000;
const START_MS = 60_000;
const STOP_MS = 15_000;
const LOOK_AGAIN_MS = 50;
const LOG_TAIL = 2_000;

/** A server of the demo's own. */
export interface DemoServer {
  readonly client: Client;
  readonly keyFile: string;
  readonly logFile: string;
  /** Holds when it has ended by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the product as a process of its own on a directory, and waits until it takes requests.
 * @throws Failure `demo.not-built`, `demo.start`, `interrupted`
 */
export async function startServer(
  directory: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<DemoServer> {
  const main = join(__dirname, '../../../api/src/main.js');
  if (!existsSync(main)) throw new Failure('demo.not-built', `${main} is missing; npm run demo builds it`);
  const port = await freePort(env['GUANXI_PORT']);
  const logFile = join(directory, 'server.log');
  const child = started(main, logFile, serverEnvironment(env, directory, port));
  noteServer(directory, child.pid);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      noteServer(directory, undefined);
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  });
  // However this process ends, the server does not stay behind.
  process.once('exit', () => child.kill('SIGTERM'));
  const stop = (): Promise<void> => stopped(child, ended);
  const keyFile = join(directory, 'admin.key');
  const url = `http://${HOST}:${String(port)}`;
  try {
    await readiness(new Client({ url, apiKey: undefined }), child, logFile, signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return { client: new Client({ url, apiKey: keptKey(keyFile) }), keyFile, logFile, ended, stop };
}

/** In a group of its own, so that Ctrl-C reaches it through us and once. */
function started(main: string, logFile: string, env: NodeJS.ProcessEnv): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const detached = process.platform !== 'win32';
    return spawn(process.execPath, [main], { env, stdio: ['ignore', log, log], detached, windowsHide: true });
  } finally {
    closeSync(log);
  }
}

/** The demo has a database, a key and an address of its own, whatever the surroundings say. */
function serverEnvironment(env: NodeJS.ProcessEnv, directory: string, port: number): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('GUANXI_') && name !== 'DATABASE_URL');
  return {
    ...Object.fromEntries(kept),
    GUANXI_HOST: HOST,
    GUANXI_PORT: String(port),
    GUANXI_DATA_DIR: directory,
  };
}

async function readiness(
  client: Client,
  child: ChildProcess,
  logFile: string,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    if (signal.aborted) throw new Failure('interrupted', 'the demo was interrupted');
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw new Failure(
        'demo.start',
        `the server ended at its start; its log ends with:\n${readFileSync(logFile, 'utf8').slice(-LOG_TAIL)}`,
      );
    }
    const answer = await client.readiness().catch(() => undefined);
    if (answer?.['status'] === 'ready') return;
    if (Date.now() > deadline)
      throw new Failure(
        'demo.start',
        `the server was not ready in ${String(START_MS / 1000)} s; its log is ${logFile}`,
      );
    await pause(LOOK_AGAIN_MS);
  }
}

async function stopped(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(force);
}

/** The port that the environment names, else the usual one, else any that is free. */
async function freePort(wanted: string | undefined): Promise<number> {
  const named = Number(wanted ?? '');
  if (Number.isInteger(named) && named > 0) return named;
  return (await listenable(USUAL_PORT)) ?? (await listenable(0)) ?? USUAL_PORT;
}

function listenable(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(undefined);
    });
    probe.listen(port, HOST, () => {
      const address = probe.address();
      const found = typeof address === 'object' && address !== null ? address.port : undefined;
      probe.close(() => {
        resolve(found);
      });
    });
  });
}
