import { randomBytes } from 'node:crypto';
import { existsSync, lchownSync, lstatSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries';
import { run } from './commands';
import { EmbeddedPostgresError, errorMessage } from './errors';
import type { Place } from './place';
import { LOOPBACK } from './ports';

/** The only role of the cluster; the server listens on loopback alone. */
export const ROLE = 'guanxi';

/** Where a server of ours is reached: secret. */
export const clusterUrl = (port: number, password: string): string =>
  `postgresql://${ROLE}:${password}@${LOOPBACK}:${port}/${ROLE}`;

/** Marks a cluster as finished and holds its password; lies in the cluster, so that a copy of it is complete. */
const MARKER = 'guanxi.json';
const DRAFT_PREFIX = 'postgres.new-';

export interface Cluster {
  /** Secret. */
  readonly password: string;
  /** It was made by this call: it is empty. */
  readonly created: boolean;
}

/**
 * Finds the cluster or makes it. It is made under another name and renamed when it is whole, so that an interrupted
 * start leaves nothing that looks finished.
 *
 * @throws EmbeddedPostgresError `data-dir-of-another-version`, `data-dir-not-ours`, `start-failed`
 */
export async function ensureCluster(
  place: Place,
  binaries: Binaries,
  log: (line: string) => void,
): Promise<Cluster> {
  removeDrafts(place.parent);
  const { clusterDir } = place;
  if (!existsSync(clusterDir)) return makeCluster(place, binaries);
  refuseOtherVersion(clusterDir, binaries);
  if (!existsSync(join(clusterDir, MARKER))) {
    setAside(clusterDir, log);
    return makeCluster(place, binaries);
  }
  if (place.runAs !== undefined) giveTo(clusterDir, place.runAs);
  return { password: passwordOf(clusterDir), created: false };
}

function refuseOtherVersion(clusterDir: string, { major }: Binaries): void {
  const file = join(clusterDir, 'PG_VERSION');
  const found = existsSync(file) ? readFileSync(file, 'utf8').trim() : major;
  if (found === major || found === '') return;
  throw new EmbeddedPostgresError(
    'data-dir-of-another-version',
    `The data in ${clusterDir} are of PostgreSQL ${found}, but this Guanxi brings PostgreSQL ${major}; nothing was ` +
      `changed. Use the Guanxi that made them, or move them: dump them with PostgreSQL ${found} (pg_dump), set ` +
      'GUANXI_DATA_DIR to a new directory, and restore the dump there.',
  );
}

/** What has no marker was not finished by us. It is moved, not deleted; a cluster of somebody else is not touched. */
function setAside(clusterDir: string, log: (line: string) => void): void {
  const whole = ['PG_VERSION', 'global/pg_control', 'base/1'].every((name) =>
    existsSync(join(clusterDir, name)),
  );
  if (whole && existsSync(join(clusterDir, 'postmaster.opts'))) {
    throw new EmbeddedPostgresError(
      'data-dir-not-ours',
      `${clusterDir} holds a PostgreSQL cluster that has been in use, but no ${MARKER}, which Guanxi writes into ` +
        'its own. Put that file back, or move the directory away to begin with no data.',
    );
  }
  if (readdirSync(clusterDir).length === 0) return rmdirSync(clusterDir);
  const aside = `${clusterDir}.incomplete-${new Date().toISOString().replaceAll(/[:.]/g, '')}`;
  renameSync(clusterDir, aside);
  log(
    `${clusterDir} was left half made by an interrupted start. It is set aside as ${aside} and made again.`,
  );
}

async function makeCluster({ parent, clusterDir, runAs }: Place, { initdb }: Binaries): Promise<Cluster> {
  const password = randomBytes(24).toString('base64url');
  const draft = mkdtempSync(join(parent, DRAFT_PREFIX));
  const made = join(draft, 'cluster');
  const passwordFile = join(draft, 'password');
  try {
    mkdirSync(made, { mode: 0o700 });
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (runAs !== undefined) giveTo(draft, runAs);
    const auth = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    const text = ['--encoding=UTF8', '--locale=C', '--no-instructions'];
    await run(initdb, ['-D', made, '-U', ROLE, ...auth, ...text], runAs);
    writeFileSync(join(made, MARKER), `${JSON.stringify({ password })}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
    if (runAs !== undefined) lchownSync(join(made, MARKER), runAs.uid, runAs.gid);
    renameSync(made, clusterDir);
    flushDirectory(parent);
    return { password, created: true };
  } catch (error) {
    throw new EmbeddedPostgresError(
      'start-failed',
      `The PostgreSQL cluster can't be made in ${parent}: ${errorMessage(error)}`,
      { cause: error },
    );
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** What a killed start left: never a cluster that was in use. Its initdb may still run; it fails without its files. */
function removeDrafts(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(DRAFT_PREFIX)) continue;
    rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

/** Where the owner is right already (as ever after the first start), this costs one look. */
function giveTo(path: string, user: { uid: number; gid: number }): void {
  if (lstatSync(path).uid === user.uid) return;
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) giveTo(join(path, name), user);
  lchownSync(path, user.uid, user.gid);
}

function flushDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Secret. @throws EmbeddedPostgresError `data-dir-not-ours` */
export function passwordOf(clusterDir: string): string {
  const marker = join(clusterDir, MARKER);
  const value: unknown = JSON.parse(readFileSync(marker, 'utf8'));
  if (
    typeof value === 'object' &&
    value !== null &&
    'password' in value &&
    typeof value.password === 'string'
  ) {
    return value.password;
  }
  throw new EmbeddedPostgresError(
    'data-dir-not-ours',
    `${marker} holds no password. Put it back from a backup.`,
  );
}
