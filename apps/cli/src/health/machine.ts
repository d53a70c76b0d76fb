import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { messageOf } from '../import/types';
import { type Check, bad, good } from './check';

const CONNECT_MS = 3_000;
const DIRECTORY = 'data directory';
const POSTGRES = 'PostgreSQL';

/** Whether the data directory is there and can be written. */
export function dataDirectory(dataDir: string): Check {
  if (!existsSync(dataDir))
    return good(DIRECTORY, `${dataDir} is not there yet; the first npm start makes it`);
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return good(DIRECTORY, dataDir);
  } catch {
    const advice = 'hand it over to the user who runs Guanxi, or set GUANXI_DATA_DIR to another directory';
    return bad(DIRECTORY, `${dataDir} can't be written by this user`, advice);
  }
}

/** Whether the embedded PostgreSQL has its data and runs; a server that was never started is no fault. */
export function embeddedPostgres(dataDir: string): Check {
  const pointer = join(dataDir, 'postgres.location');
  const parent = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : dataDir;
  const cluster = join(parent, 'postgres');
  if (!existsSync(cluster)) {
    if (parent === dataDir) return good(POSTGRES, 'embedded, not made yet; the first npm start makes it');
    return bad(
      POSTGRES,
      `the data were kept in ${parent}, which is gone`,
      `put it back from a backup, or delete ${pointer}`,
    );
  }
  try {
    const version = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
    const running = isRunning(join(cluster, 'postmaster.pid'));
    return good(
      POSTGRES,
      `embedded, version ${version}, ${running ? 'running' : 'stopped; npm start starts it'}, in ${cluster}`,
    );
  } catch (error) {
    if (codeOf(error) === 'EACCES')
      return good(POSTGRES, `embedded, in ${cluster}, which this user may not look into`);
    const advice = 'the data are damaged or of something else: restore a backup, or move the directory away';
    return bad(POSTGRES, messageOf(error), advice);
  }
}

/** Whether somebody listens where DATABASE_URL points; neither user nor password are told. */
export async function ownPostgres(databaseUrl: string): Promise<Check> {
  if (!URL.canParse(databaseUrl))
    return bad(
      POSTGRES,
      'DATABASE_URL is no address',
      'it looks like postgres://user:password@host/database',
    );
  const { hostname, port, pathname } = new URL(databaseUrl);
  const place = `${hostname}:${port || '5432'}${pathname}`;
  const failure = await connectionFailure(hostname, Number(port || '5432'));
  if (failure === undefined) return good(POSTGRES, `a server listens for ${place}`);
  return bad(
    POSTGRES,
    `nobody answers at ${place} (${failure})`,
    'start that PostgreSQL, correct DATABASE_URL, or unset it',
  );
}

function isRunning(pidFile: string): boolean {
  if (!existsSync(pidFile)) return false;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function connectionFailure(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (failure?: string): void => {
      socket.destroy();
      resolve(failure);
    };
    socket.once('connect', () => {
      end();
    });
    socket.once('timeout', () => {
      end('timed out');
    });
    socket.once('error', (error) => {
      end(codeOf(error) ?? error.message);
    });
  });
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
