import {
  closeSync,
  copyFileSync,
  existsSync,
  fchownSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { runsAsRoot } from './run-user';

const LIMIT_BYTES = 4 * 1024 * 1024;
const LOOK_EVERY_MS = 10 * 60 * 1000;

/** The server's log: a file that the server appends to itself, so that it outlives this process. */
export interface ServerLog {
  /** Open for appending. */
  readonly fd: number;
  /** What was written since it was opened, no more than its last part. */
  recent(): string;
  close(): void;
}

/** Opens the log and keeps it small: past 4 MB it is moved to `<path>.1`, at the start and while this process lives. */
export function openServerLog(path: string, limitBytes = LIMIT_BYTES): ServerLog {
  rotate(path, limitBytes);
  const fd = openSync(path, 'a', 0o600);
  const startedAt = statSync(path).size;
  const { uid, gid } = statSync(dirname(path));
  // What root writes in a user's directory stays the user's, who may start the next time.
  if (runsAsRoot()) fchownSync(fd, uid, gid);
  const watch = setInterval(() => {
    try {
      rotate(path, limitBytes);
    } catch {
      // A full disk, say: the log waits, the product goes on.
    }
  }, LOOK_EVERY_MS).unref();
  return {
    fd,
    recent: () => readFrom(path, startedAt),
    close: () => {
      clearInterval(watch);
      closeSync(fd);
    },
  };
}

/** Copied and cut, not renamed: the server holds the file open and goes on writing at its end. */
function rotate(path: string, limitBytes: number): void {
  if (!existsSync(path) || statSync(path).size <= limitBytes) return;
  rmSync(`${path}.1`, { force: true });
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}

function readFrom(path: string, from: number): string {
  const size = statSync(path).size;
  const start = Math.max(from > size ? 0 : from, size - 4096);
  const buffer = Buffer.alloc(size - start);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, buffer, 0, buffer.length, start);
  } finally {
    closeSync(fd);
  }
  return buffer.toString('utf8').trim();
}
