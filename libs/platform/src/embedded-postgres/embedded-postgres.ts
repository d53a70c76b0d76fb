import { join } from 'node:path';
import { findPackage, prepareBinaries } from './binaries';
import { type Claim, claimDataDir } from './claim';
import { clusterUrl, ensureCluster } from './cluster';
import { prepareDataDir } from './data-dir';
import { clearFormerServer } from './former-server';
import { openServerLog } from './log-file';
import { choosePlace } from './place';
import { startServer } from './server';

/** How to start the embedded PostgreSQL. */
export interface EmbeddedPostgresOptions {
  /** Guanxi's data directory; made if missing. The cluster lies in its folder `postgres`. */
  readonly dataDir: string;
  /** Absent or 0: any free one. */
  readonly port?: number;
  /** Gets what a user should know, a line at a time: never a secret. */
  readonly log?: (line: string) => void;
  /** The npm package with the programs; absent: the one for this machine. */
  readonly packageDir?: string;
  /** Where data go, best first, if root started Guanxi where the user who runs PostgreSQL can't reach. */
  readonly shelters?: readonly string[];
  /** Where a copy of the programs goes, best first, if the package can't be used where it is. */
  readonly cacheParents?: readonly string[];
}

/** A running server that this process has started and will stop. */
export interface EmbeddedPostgres {
  /** Holds the password: secret. */
  readonly url: string;
  readonly port: number;
  /** `18.4` */
  readonly version: string;
  /** Where the cluster lies: below the given directory, unless that can't be reached. */
  readonly dataDir: string;
  /** The server's process. */
  readonly pid: number;
  /** The cluster was made by this start, and is empty. */
  readonly created: boolean;
  /** Holds when the server has ended, with how; before `stop()` that is an accident. */
  readonly ended: Promise<string>;
  /** Shuts down and waits: all is written within 8 s, else recovery at the next start does it. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts real PostgreSQL on a data directory, and makes its cluster on the first call. What it can't start on, it
 * leaves as it is.
 *
 * @throws EmbeddedPostgresError with a code for what is wrong and a message that says what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const claim = claimDataDir(prepareDataDir(options.dataDir));
  try {
    return await startClaimed(options, claim);
  } catch (error) {
    claim.release();
    throw error;
  }
}

async function startClaimed(options: EmbeddedPostgresOptions, claim: Claim): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const place = choosePlace(claim.dataDir, log, options.shelters);
  await clearFormerServer(place.clusterDir, claim.tookOver, log);
  const packageDir = options.packageDir ?? findPackage();
  const binaries = await prepareBinaries(packageDir, place.runAs, log, options.cacheParents);
  const cluster = await ensureCluster(place, binaries, log);
  const serverLog = openServerLog(join(claim.dataDir, 'postgres.log'));
  try {
    const { password } = cluster;
    const server = await startServer({ binaries, place, password, port: options.port ?? 0, serverLog, log });
    claim.announce(server.port);
    void server.ended.then(() => {
      serverLog.close();
    });
    const stop = async (): Promise<void> => {
      await server.stop();
      claim.release();
    };
    let stopping: Promise<void> | undefined;
    return {
      url: clusterUrl(server.port, password),
      port: server.port,
      version: binaries.version,
      dataDir: place.clusterDir,
      pid: server.pid,
      created: cluster.created,
      ended: server.ended,
      stop: () => (stopping ??= stop()),
    };
  } catch (error) {
    serverLog.close();
    throw error;
  }
}
