import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'secrets.key';

/** 32 bytes in base64, with or without padding. */
const isSecretsKey = (text: string): boolean =>
  /^[A-Za-z0-9+/]{43}=?$/.test(text) && Buffer.from(text, 'base64').length === 32;

/**
 * The key that seals secrets: the configured one, else that of the data directory, else a new one that is kept there and
 * readable for its owner alone.
 * @throws Error when the file holds something else
 */
export async function ensureSecretsKey(dataDir: string, configured?: string): Promise<Buffer> {
  if (configured !== undefined) return Buffer.from(configured, 'base64');
  const file = join(dataDir, FILE);
  const kept = await read(file);
  if (kept !== undefined) return kept;
  await mkdir(dataDir, { recursive: true });
  const made = randomBytes(32);
  try {
    await writeFile(file, `${made.toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
    return made;
  } catch (error) {
    // Another process was faster; what it wrote may not all be there yet.
    if (codeOf(error) !== 'EEXIST') throw error;
    return (await readSoon(file)) ?? made;
  }
}

const TRIES = 50;

async function readSoon(file: string): Promise<Buffer | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await read(file);
    } catch (error) {
      if (tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function read(file: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  if (isSecretsKey(text)) return Buffer.from(text, 'base64');
  throw new Error(
    `${file} must hold 32 bytes in base64; webhooks' secrets cannot be read without the key that it held`,
  );
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
