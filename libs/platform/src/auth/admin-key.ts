import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../embedded-postgres/errors';
import type { ApiKeys } from './api-keys';
import { ADMIN_ID, newKeyText } from './key-format';

/** Where the first key is to be found. */
export interface AdminKey {
  /** Secret. Absent when the key on record was made elsewhere: only its hash is known then. */
  readonly text?: string;
  /** File that holds it, if this product made it. */
  readonly file?: string;
}

/**
 * Sees to it that there is a first key: the configured one, else the one of the data directory, else a new one
 * that is kept there and readable for its owner alone.
 */
export async function ensureAdminKey(keys: ApiKeys, dataDir: string, configured?: string): Promise<AdminKey> {
  if (configured !== undefined) {
    await keys.putAdmin(configured);
    return { text: configured };
  }
  const file = join(dataDir, 'admin.key');
  const kept = await read(file);
  if (kept !== undefined) {
    await keys.putAdmin(kept);
    return { text: kept, file };
  }
  if (await keys.hasAdmin()) return {};
  await mkdir(dataDir, { recursive: true });
  const made = newKeyText(ADMIN_ID);
  const text = (await writeNew(file, made)) ? made : ((await read(file)) ?? made);
  await keys.putAdmin(text);
  return { text, file };
}

async function read(file: string): Promise<string | undefined> {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    return text === '' ? undefined : text;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** False when another process was faster. */
async function writeNew(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}
