import { DomainError, conflict, notFound } from '@guanxi/kernel';

/** The read model of a name. @throws DomainError `projection.unknown` */
export function modelOf<M extends { readonly name: string }>(models: readonly M[], name: string): M {
  const found = models.find((model) => model.name === name);
  if (found) return found;
  const known = models.map((model) => model.name);
  throw notFound(
    'projection.unknown',
    `there is no projection ${JSON.stringify(name)}; there are ${known.join(', ')}`,
    { projection: name, known },
  );
}

/** Somebody rebuilds it already. */
export const alreadyRunning = (model: string): DomainError =>
  conflict(
    'rebuild.running',
    `${model} is being rebuilt already, by another process: look with --status, end it with --pause or --cancel`,
    { projection: model },
  );

/** The process that rebuilds it does not do what it is asked to. */
export const deaf = (model: string): DomainError =>
  conflict(
    'rebuild.deaf',
    `the process that rebuilds ${model} has not heard in time: it was asked and may still do it; look with --status, or ` +
      'end that process, after which this command works by itself',
    { projection: model },
  );

/** Nothing is there that could be paused or cancelled. */
export const nothingToEnd = (model: string): DomainError =>
  conflict('rebuild.none', `no rebuild of ${model} is under way`, { projection: model });

const DISK_FULL = '53100';
const REFUSED = new Set(['EACCES', 'EROFS', 'EPERM', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG']);
/** Connection failures of PostgreSQL and its shutdown, and what the network says. */
const GONE = /^(08...|57P0[1-3]|ECONN\w+|EPIPE|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH)$/;
const GONE_IN_WORDS =
  /connection terminated|client has encountered a connection error|timeout exceeded when/i;

/**
 * What a failure of a rebuild means to who runs it. Whatever it was, the parts that are done stay done.
 * @param directory where rows are spilled
 */
export function explained(error: unknown, model: string, directory: string): unknown {
  if (error instanceof DomainError) return error;
  const code = codeOf(error);
  const goOn = `what is done is kept: run "guanxi projections rebuild ${model}" again to go on`;
  if (code === DISK_FULL) {
    return unavailable(
      'rebuild.disk-full',
      `the disk of the database is full: make room (or end the rebuild with --cancel, which drops its tables); ${goOn}`,
    );
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return unavailable(
      'rebuild.spill-full',
      `the disk of ${directory} is full: make room there, or name another place with --spill; ${goOn}`,
    );
  }
  if (REFUSED.has(code)) {
    return unavailable(
      'rebuild.spill-refused',
      `${directory} cannot be written (${code}): name another place with --spill; ${goOn}`,
    );
  }
  if (GONE.test(code) || GONE_IN_WORDS.test(messageOf(error))) {
    return unavailable('rebuild.database-gone', `the database went away (${messageOf(error)}); ${goOn}`);
  }
  return error;
}

const unavailable = (code: string, message: string): DomainError =>
  new DomainError(code, 'unavailable', message);

/** An error in words. */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)) || 'no reason given';

function codeOf(error: unknown): string {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
