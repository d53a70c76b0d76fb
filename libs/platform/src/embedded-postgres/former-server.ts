import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inUse } from './claim';
import { EmbeddedPostgresError, errorCode } from './errors';
import { isServerOf, serversOf, waitUntil } from './processes';
import { endServer } from './shutdown';

/** What `postmaster.pid` says. */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** How long the parts of a killed server get to notice that it is gone. */
const ORPHANS_MS = 10_000;

/** @returns undefined when there is none, or none that says a process */
export function readPidFile(clusterDir: string): PidFile | undefined {
  try {
    const lines = readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    return { pid, port: Number(lines[3] ?? 0), ready: (lines[7] ?? '').trim() === 'ready' };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Sees to it that no server works on the data directory any more: one that a dead Guanxi left behind is shut down,
 * one that somebody else started is left alone, and the traces of one that died are removed.
 *
 * @param ofDeadOwner a Guanxi that is dead had the directory before
 * @throws EmbeddedPostgresError `data-dir-in-use`, `stop-failed`
 */
export async function clearFormerServer(
  dir: string,
  ofDeadOwner: boolean,
  log: (line: string) => void,
): Promise<void> {
  const found = readPidFile(dir);
  if (found !== undefined && isServerOf(found.pid, realpathSync(dir))) {
    if (!ofDeadOwner) throw inUse(dir, found);
    log(`A PostgreSQL server of a Guanxi that was killed still runs (pid ${found.pid}); it is shut down.`);
    await endServer(found.pid);
  }
  if (found === undefined) return;
  await awaitOrphans(realpathSync(dir));
  // The server refuses to start when the number in a stale file belongs to any living process.
  if (readPidFile(dir)?.pid === found.pid) {
    log(`The PostgreSQL server (pid ${found.pid}) did not shut down cleanly; it recovers from its log.`);
    rmSync(join(dir, 'postmaster.pid'), { force: true });
  }
}

/** Two servers on one directory destroy it, and what is left of a killed one is a server still. */
async function awaitOrphans(clusterDir: string): Promise<void> {
  if (await waitUntil(() => serversOf(clusterDir).length === 0, ORPHANS_MS)) return;
  throw new EmbeddedPostgresError(
    'stop-failed',
    `Processes of a PostgreSQL server that was killed still work on ${clusterDir} ` +
      `(pid ${serversOf(clusterDir).join(', ')}). End them (kill -QUIT), then start again.`,
  );
}
