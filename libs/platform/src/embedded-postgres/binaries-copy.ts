import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { EmbeddedPostgresError, errorMessage } from './errors';
import { blockingDirectory, runsAsRoot, type RunUser } from './run-user';

/** Root's copy has to be reached by another user; everybody else's belongs to their own cache. */
const defaultCacheParents = (): readonly string[] =>
  runsAsRoot()
    ? ['/var/lib', '/var/tmp', tmpdir()]
    : [process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), '/var/tmp', tmpdir()];

/**
 * A copy of the package's programs that `runAs` can reach, made on the first call for a version and found again later.
 *
 * @returns a directory laid out like the package
 * @throws EmbeddedPostgresError `binaries-not-usable` when there is no place for it
 */
export function binariesCopy(
  packageDir: string,
  runAs: RunUser | undefined,
  cacheParents: readonly string[] = defaultCacheParents(),
): string {
  const name = `guanxi-postgres-${packageVersion(packageDir)}-${basename(packageDir)}-uid${process.getuid?.() ?? 0}`;
  const failures: string[] = [];
  for (const parent of cacheParents) {
    try {
      mkdirSync(parent, { recursive: true });
      if (runAs !== undefined && blockingDirectory(parent, runAs) !== undefined)
        throw new Error('not passable');
      return findOrMake(packageDir, parent, name);
    } catch (error) {
      failures.push(`${parent}: ${errorMessage(error)}`);
    }
  }
  throw new EmbeddedPostgresError(
    'binaries-not-usable',
    `There is no place for a copy of the PostgreSQL programs in ${packageDir} (${failures.join('; ')}). ` +
      'Install the project where the user who runs PostgreSQL can reach it, or set DATABASE_URL to one of your own.',
  );
}

function findOrMake(packageDir: string, parent: string, name: string): string {
  const copy = join(parent, name);
  if (existsSync(copy)) return trusted(copy);
  const draft = mkdtempSync(join(parent, `${name}.`));
  try {
    copyReadable(join(packageDir, 'native'), join(draft, 'native'));
    chmodSync(draft, 0o755);
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another start may have been quicker; what it made is as good.
    if (!existsSync(copy)) throw error;
  }
  return trusted(copy);
}

/** In a directory that is open to everybody, somebody else could have put programs under our name. */
function trusted(copy: string): string {
  const { uid, mode } = lstatSync(copy);
  if (uid === process.getuid?.() && (mode & 0o170022) === 0o040000) return copy;
  throw new Error(`${basename(copy)} is not a directory that only we can write`);
}

/** Copies with modes that let everybody read and run, whatever the source's are. Static libraries stay behind. */
function copyReadable(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith('.a'),
  });
  makeReadable(to);
}

function makeReadable(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.isDirectory() || path.includes('/bin/') ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const entry of readdirSync(path)) makeReadable(join(path, entry));
}

function packageVersion(packageDir: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(version);
}
