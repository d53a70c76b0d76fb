import { clusterUrl, passwordOf } from './cluster';
import { startEmbeddedPostgres } from './embedded-postgres';
import { readPidFile } from './former-server';
import { existingCluster } from './place';
import { isServerOf } from './processes';

/** A server that was there already, or that runs for as long as it is needed. */
export interface OpenedPostgres {
  /** Holds the password: secret. */
  readonly url: string;
  /** Stops the server if it was started for this. */
  close(): Promise<void>;
}

/**
 * The PostgreSQL of a data directory: that of a Guanxi that runs, else started until `close`. Makes nothing.
 *
 * @param log gets what a user should know, a line at a time
 * @returns undefined where the data directory has no cluster
 * @throws EmbeddedPostgresError with a message that says what to do
 */
export async function openExistingPostgres(
  dataDir: string,
  log: (line: string) => void,
): Promise<OpenedPostgres | undefined> {
  const clusterDir = existingCluster(dataDir);
  if (clusterDir === undefined) return undefined;
  const running = readPidFile(clusterDir);
  if (running?.ready && isServerOf(running.pid, clusterDir)) {
    return { url: clusterUrl(running.port, passwordOf(clusterDir)), close: () => Promise.resolve() };
  }
  const started = await startEmbeddedPostgres({ dataDir, log });
  return { url: started.url, close: () => started.stop() };
}
