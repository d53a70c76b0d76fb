import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedPostgresError } from './errors';

/** Whom PostgreSQL runs as when Guanxi itself runs as root, which PostgreSQL refuses. */
export interface RunUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Users that every system has for work without rights. */
const UNPRIVILEGED = ['nobody', 'daemon'];

export const runsAsRoot = (): boolean => process.getuid?.() === 0;

/**
 * @param names candidates, the first that exists is taken
 * @throws EmbeddedPostgresError `no-unprivileged-user`
 */
export function unprivilegedUser(names: readonly string[] = UNPRIVILEGED, passwd = '/etc/passwd'): RunUser {
  const lines = readPasswd(passwd);
  for (const wanted of names) {
    const [name, , uid, gid] = lines.find((fields) => fields[0] === wanted) ?? [];
    if (name !== undefined && Number(uid) !== 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new EmbeddedPostgresError(
    'no-unprivileged-user',
    `PostgreSQL refuses to run as root, and none of the users ${names.join(', ')} exists here. ` +
      'Start Guanxi as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.',
  );
}

/** The owner of an existing data directory, who is the one to run its server. */
export function ownerOf(path: string): RunUser {
  const { uid, gid } = statSync(path);
  const [name] = readPasswd('/etc/passwd').find((fields) => Number(fields[2]) === uid) ?? [];
  return { name: name ?? `uid ${uid}`, uid, gid };
}

const readPasswd = (file: string): string[][] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));

/**
 * The outermost directory on the way to `path` that the user may not pass, such as a home of mode 0700. What does
 * not exist yet is passed over.
 */
export function blockingDirectory(path: string, user: RunUser): string | undefined {
  const way: string[] = [];
  for (let dir = deepestExisting(path); ; dir = dirname(dir)) {
    way.unshift(dir);
    if (dir === dirname(dir)) break;
  }
  return way.find((dir) => !mayPass(dir, user));
}

function mayPass(dir: string, { uid, gid }: RunUser): boolean {
  const stat = statSync(dir);
  if (!stat.isDirectory()) return true;
  const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001;
  return (stat.mode & bit) !== 0;
}

function deepestExisting(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return deepestExisting(dirname(path));
  }
}

/** `/root (mode 0700)`, for messages. */
export const describeDirectory = (dir: string): string =>
  `${dir} (mode ${(statSync(dir).mode & 0o7777).toString(8).padStart(4, '0')})`;
