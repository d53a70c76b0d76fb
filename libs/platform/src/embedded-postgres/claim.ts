import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { EmbeddedPostgresError, errorCode } from './errors';
import { processStart } from './processes';

/** One live process alone may manage the server of a data directory; a file there says which. */
export interface Claim {
  readonly dataDir: string;
  /** The process before us ended without giving the directory back: its server may still run. */
  readonly tookOver: boolean;
  /** Makes the server's port known to whoever finds the directory in use. */
  announce(port: number): void;
  release(): void;
}

interface Owner {
  readonly pid: number;
  readonly start: string;
  readonly port?: number;
}

/** @throws EmbeddedPostgresError `data-dir-in-use` */
export function claimDataDir(dataDir: string): Claim {
  const file = join(dataDir, 'postgres.owner.json');
  const me: Owner = { pid: process.pid, start: processStart(process.pid) ?? '' };
  let tookOver = false;
  while (!createWhole(file, me)) {
    const found = readText(file);
    if (found === undefined) continue;
    const owner = parseOwner(found);
    if (owner !== undefined && processStart(owner.pid) === owner.start) throw inUse(dataDir, owner);
    tookOver = removeExactly(file, found) || tookOver;
  }
  return {
    dataDir,
    tookOver,
    announce: (port) => replaceWhole(file, { ...me, port }),
    release: () => rmSync(file, { force: true }),
  };
}

export function inUse(
  dataDir: string,
  { pid, port }: { pid: number; port?: number | undefined },
): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'data-dir-in-use',
    `another Guanxi runs on this data directory (pid ${pid}, port ${port ?? 'not known yet'}): ${dataDir}. ` +
      'Stop it first, or set GUANXI_DATA_DIR to another directory.',
  );
}

/** A link of a finished file: nobody ever sees a claim that is only half written. @returns whether it was free */
function createWhole(file: string, owner: Owner): boolean {
  const draft = writeDraft(file, owner);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

const replaceWhole = (file: string, owner: Owner): void => renameSync(writeDraft(file, owner), file);

function writeDraft(file: string, owner: Owner): string {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(owner), { mode: 0o600 });
  return draft;
}

/** Two that find the same stale claim may both try: who took a newer one away by that puts it back. */
function removeExactly(file: string, content: string): boolean {
  const taken = `${file}.${randomUUID()}`;
  try {
    renameSync(file, taken);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
  const isStale = readText(taken) === content;
  if (!isStale) linkSync(taken, file);
  unlinkSync(taken);
  return isStale;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined for what no Guanxi wrote, which then counts as stale. */
function parseOwner(text: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('start' in value))
      return undefined;
    if (typeof value.pid !== 'number' || typeof value.start !== 'string') return undefined;
    const port = 'port' in value && typeof value.port === 'number' ? value.port : undefined;
    return { pid: value.pid, start: value.start, ...(port !== undefined && { port }) };
  } catch {
    return undefined;
  }
}
