import { chmodSync, closeSync, mkdirSync, openSync, realpathSync, unlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EmbeddedPostgresError, errorMessage } from './errors';
import { runsAsRoot } from './run-user';

/**
 * Makes the data directory if it is missing, and proves that it can be written.
 *
 * @returns its real path, so that two names of one directory are seen as one
 * @throws EmbeddedPostgresError `data-dir-not-writable`
 */
export function prepareDataDir(path: string): string {
  try {
    makeDirectories(resolve(path));
    const dataDir = realpathSync(path);
    const probe = join(dataDir, `.writable-${process.pid}`);
    closeSync(openSync(probe, 'w', 0o600));
    unlinkSync(probe);
    return dataDir;
  } catch (error) {
    throw new EmbeddedPostgresError(
      'data-dir-not-writable',
      `The data directory ${path} can't be written (${errorMessage(error)}). Set GUANXI_DATA_DIR to a writable directory.`,
      { cause: error },
    );
  }
}

/** As root, what is made here can be passed by the user who runs PostgreSQL, whatever the umask says. */
function makeDirectories(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o755 });
  if (first === undefined || !runsAsRoot()) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) chmodSync(made, 0o711);
}
