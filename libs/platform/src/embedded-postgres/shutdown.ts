import { EmbeddedPostgresError, errorCode } from './errors';
import { processStart, waitUntil } from './processes';

/** How long a shutdown may take that lets the server write a checkpoint. */
const FAST_MS = 8_000;
/** How long one may take that leaves the rest to recovery at the next start. */
const IMMEDIATE_MS = 7_000;

/**
 * Shuts a server down and waits until it has ended: connections are cut and all is written; after 8 s it is stopped
 * at once, which loses nothing that was committed.
 *
 * @throws EmbeddedPostgresError `stop-failed`
 */
export async function endServer(pid: number): Promise<void> {
  const start = processStart(pid);
  if (start === undefined) return;
  const ended = (): boolean => processStart(pid) !== start;
  signal(pid, 'SIGINT');
  if (await waitUntil(ended, FAST_MS)) return;
  signal(pid, 'SIGQUIT');
  if (await waitUntil(ended, IMMEDIATE_MS)) return;
  throw new EmbeddedPostgresError('stop-failed', `The PostgreSQL server (pid ${pid}) does not end.`);
}

/** Sends a signal; that the process has ended meanwhile is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
