import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contexts } from '@guanxi/contexts';
import type { Product, ProductOptions } from '@guanxi/platform';
import { loadConfig, startProduct } from '@guanxi/platform';
import { testDatabase } from './postgres';

/** JSON of an answer; tests look into it freely. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- an answer's shape is what the tests are about
export type Json = any;

/** The whole product on a database of its own, asked over HTTP. */
export interface RunningProduct {
  readonly product: Product;
  readonly dataDir: string;
  readonly key: string;
  /** Asks a query that has seen everything written so far. @throws Error for any answer but 200 */
  get(path: string): Promise<Json>;
  /** Sends any request; no waiting, no judging. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Sends a command and expects it to be carried out. */
  send(path: string, body: object): Promise<Json>;
  stop(): Promise<void>;
}

/** Starts the product with all contexts on a fresh database and a free port. */
export async function runningProduct(
  options: Pick<ProductOptions, 'policyClock'> = {},
): Promise<RunningProduct> {
  const database = await testDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'guanxi-e2e-'));
  const key = 'a-key-for-end-to-end-tests';
  const config = loadConfig({
    GUANXI_PORT: '0',
    GUANXI_DATA_DIR: dataDir,
    GUANXI_ADMIN_KEY: key,
    DATABASE_URL: database.url,
  });
  const product = await startProduct({ config, contexts, ...options });
  const ask = (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    fetch(`${product.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return {
    product,
    dataDir,
    key,
    ask,
    get: async (path) => {
      const { position } = await product.store.head();
      await caughtUp(product, position);
      const response = await ask('GET', path, undefined, { 'guanxi-min-position': String(position) });
      const answer: Json = await response.json();
      if (response.status !== 200) throw new Error(`GET ${path}: ${JSON.stringify(answer)}`);
      return answer;
    },
    send: async (path, body) => {
      const response = await ask('POST', path, body);
      const answer: Json = await response.json();
      if (response.status > 201) throw new Error(`POST ${path}: ${JSON.stringify(answer)}`);
      return answer;
    },
    stop: async () => {
      await product.close();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Waits for the read models however long an import keeps them busy; a test's own limit ends it. */
async function caughtUp({ queries }: Product, position: bigint): Promise<void> {
  const models = contexts.flatMap(({ readModels }) => readModels);
  for (;;) {
    try {
      await queries.waitFor(models, position);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'query.behind') throw error;
    }
  }
}
