import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure } from '../failures';

/** Where the server is and as whom to speak to it. */
export interface ServerSettings {
  readonly url: string;
  /** Secret. */
  readonly apiKey: string | undefined;
}

export const DEFAULT_URL = 'http://127.0.0.1:3000';

/** The data directory of the server that runs on this machine. */
export const dataDirOf = (env: NodeJS.ProcessEnv): string =>
  resolve(set(env['GUANXI_DATA_DIR']) ?? '.guanxi');

/**
 * The server's address and key: from the environment, else the usual address and the first key, which the server
 * keeps in its data directory.
 * @throws Failure `url.invalid`
 */
export function serverSettings(env: NodeJS.ProcessEnv): ServerSettings {
  const url = set(env['GUANXI_URL']) ?? DEFAULT_URL;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Failure(
      'url.invalid',
      `GUANXI_URL must be an http:// or https:// address, not ${JSON.stringify(url)}`,
    );
  }
  return { url, apiKey: set(env['GUANXI_API_KEY']) ?? keptKey(join(dataDirOf(env), 'admin.key')) };
}

/** The key that a server made at its first start; undefined where there is none, or none to be read. */
export function keptKey(file: string): string | undefined {
  try {
    return set(readFileSync(file, 'utf8').trim());
  } catch {
    return undefined;
  }
}

/** A variable that is set to nothing counts as unset. */
const set = (value: string | undefined): string | undefined => (value === '' ? undefined : value);
