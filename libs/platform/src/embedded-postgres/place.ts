import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './errors';
import {
  blockingDirectory,
  describeDirectory,
  ownerOf,
  runsAsRoot,
  type RunUser,
  unprivilegedUser,
} from './run-user';

/** Where the cluster lies, and who runs its server (undefined: the user of this process). */
export interface Place {
  /** The directory that holds the cluster and what is being made of it. */
  readonly parent: string;
  readonly clusterDir: string;
  readonly runAs: RunUser | undefined;
}

/** Names the directory where the data are that could not stay. */
const POINTER = 'postgres.location';

/** Where data go that can't stay in the project, best first: the first survives a reboot everywhere. */
const DEFAULT_SHELTERS: readonly string[] = ['/var/lib', '/var/tmp', tmpdir()];

/**
 * Decides where the cluster lies. It is the data directory itself, unless PostgreSQL has to run as another user who
 * can't reach it: then it is a directory elsewhere, and a pointer in the data directory remembers it.
 *
 * @param dataDir a real path
 * @throws EmbeddedPostgresError `data-moved-away`, `data-dir-of-another-user`, `data-dir-not-reachable`,
 *   `no-unprivileged-user`
 */
export function choosePlace(
  dataDir: string,
  log: (line: string) => void,
  shelters: readonly string[] = DEFAULT_SHELTERS,
): Place {
  const pointer = join(dataDir, POINTER);
  const parent = existsSync(pointer) ? readPointer(pointer) : dataDir;
  const clusterDir = join(parent, 'postgres');
  if (existsSync(clusterDir)) return placeOfExisting(parent, realpathSync(clusterDir));
  if (!runsAsRoot()) return { parent, clusterDir, runAs: undefined };

  const runAs = unprivilegedUser();
  const blocking = blockingDirectory(parent, runAs);
  if (blocking === undefined) return { parent, clusterDir, runAs };
  const shelter = makeShelter(shelters, runAs, dataDir, blocking);
  writeFileSync(pointer, `${shelter}\n`, { mode: 0o644 });
  log(
    `PostgreSQL refuses to run as root, and ${runAs.name}, who runs it instead, can't pass ${describeDirectory(blocking)}. ` +
      `The data are kept in ${shelter} instead; ${pointer} remembers that.`,
  );
  return { parent: shelter, clusterDir: join(shelter, 'postgres'), runAs };
}

/**
 * The cluster that belongs to a data directory; undefined where none was made yet.
 * @throws EmbeddedPostgresError `data-moved-away`
 */
export function existingCluster(dataDir: string): string | undefined {
  const pointer = join(dataDir, POINTER);
  const clusterDir = join(existsSync(pointer) ? readPointer(pointer) : dataDir, 'postgres');
  return existsSync(clusterDir) ? realpathSync(clusterDir) : undefined;
}

function placeOfExisting(parent: string, clusterDir: string): Place {
  const owner = ownerOf(clusterDir);
  if (!runsAsRoot()) {
    if (owner.uid === process.getuid?.()) return { parent, clusterDir, runAs: undefined };
    throw new EmbeddedPostgresError(
      'data-dir-of-another-user',
      `The PostgreSQL data in ${clusterDir} belong to ${owner.name}, as a start by root or another user leaves them. ` +
        'Start Guanxi as the user who did so before, or set GUANXI_DATA_DIR to another directory.',
    );
  }
  const runAs = owner.uid === 0 ? unprivilegedUser() : owner;
  const blocking = blockingDirectory(clusterDir, runAs);
  // The cluster's own directory is handed over to that user if it is root's so far.
  if (blocking === undefined || blocking === clusterDir) return { parent, clusterDir, runAs };
  throw new EmbeddedPostgresError(
    'data-dir-not-reachable',
    `PostgreSQL refuses to run as root, and ${runAs.name}, who runs it instead, can't pass ${describeDirectory(blocking)} ` +
      `on the way to the data in ${clusterDir}. Let others pass that directory (chmod o+x ${blocking}), ` +
      'or move the data directory to where they can and set GUANXI_DATA_DIR.',
  );
}

function readPointer(pointer: string): string {
  const parent = readFileSync(pointer, 'utf8').trim();
  if (existsSync(parent)) return realpathSync(parent);
  throw new EmbeddedPostgresError(
    'data-moved-away',
    `The data were kept in ${parent}, as ${pointer} says, but that directory is gone. ` +
      `Put it back (from a backup, for example), or delete ${pointer} to begin with no data.`,
  );
}

/** A directory with a name that nobody can guess beforehand: the parent may be open to everybody. */
function makeShelter(shelters: readonly string[], user: RunUser, dataDir: string, blocking: string): string {
  for (const shelter of shelters) {
    const made = makeReachable(shelter, user);
    if (made !== undefined) return made;
  }
  throw new EmbeddedPostgresError(
    'data-dir-not-reachable',
    `PostgreSQL refuses to run as root, and ${user.name}, who runs it instead, can't pass ${describeDirectory(blocking)} ` +
      `on the way to ${dataDir}; nor is there a directory for the data in any of ${shelters.join(', ')}. ` +
      'Set GUANXI_DATA_DIR to a directory that everybody can pass.',
  );
}

function makeReachable(shelter: string, user: RunUser): string | undefined {
  if (!existsSync(shelter) || blockingDirectory(shelter, user) !== undefined) return undefined;
  try {
    const made = mkdtempSync(join(realpathSync(shelter), 'guanxi-data-'));
    chmodSync(made, 0o711);
    return made;
  } catch {
    return undefined; // Read-only or full: the next one may do.
  }
}
