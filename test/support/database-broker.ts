import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../libs/platform/src/testing';

/** Tells the workers of a test run where to ask for the database server. */
export const BROKER_VARIABLE = 'TEST_DATABASE_BROKER';

interface Started {
  readonly postgres: EmbeddedPostgres;
  readonly dir: string;
  readonly guard: ChildProcess;
}

let broker: Server | undefined;
let starting: Promise<Started> | undefined;

/** Offers the run's database server; it starts when the first worker asks for it. */
export async function openBroker(): Promise<void> {
  const path = `/${randomUUID()}`;
  const server = createServer((request, response) => {
    if (request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    starting ??= start();
    starting.then(
      ({ postgres }) => response.end(postgres.url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the broker has no port');
  process.env[BROKER_VARIABLE] = `http://127.0.0.1:${address.port}${path}`;
  broker = server;
}

/** Stops the server, if anybody asked for it, and removes its data. */
export async function closeBroker(): Promise<void> {
  broker?.close();
  broker?.closeAllConnections();
  const started = await starting?.catch(() => undefined);
  if (started === undefined) return;
  await started.postgres.stop();
  rmSync(started.dir, { recursive: true, force: true });
  started.guard.stdin?.end();
}

async function start(): Promise<Started> {
  const dir = mkdtempSync(join(tmpdir(), 'guanxi-test-'));
  // Root's PostgreSQL runs as another user, who has to pass.
  chmodSync(dir, 0o711);
  const guard = guardOver(dir);
  try {
    return { postgres: await startEmbeddedPostgres({ dataDir: dir, shelters: [] }), dir, guard };
  } catch (error) {
    guard.stdin?.end();
    throw error;
  }
}

/** Stops the server and removes its data should this process be killed: nothing else of it could. */
function guardOver(dir: string): ChildProcess {
  const guard = spawn(process.execPath, [join(__dirname, 'postgres-guard.mjs'), dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  guard.unref();
  if (guard.stdin !== null && 'unref' in guard.stdin && typeof guard.stdin.unref === 'function')
    guard.stdin.unref();
  return guard;
}
