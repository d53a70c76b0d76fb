import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config, Context, Product } from '@guanxi/platform';
import { JsonLog, startProduct } from '@guanxi/platform';
import type { TestDatabase } from '../../../../test/support/postgres';
import { testDatabase } from '../../../../test/support/postgres';
import { countersContext } from './counters';

/** What a test gets out of JSON is what it is about to check. */
export type Parsed = ReturnType<JSON['parse']>;

export const ADMIN = 'an-admin-key-of-a-test';

/** A product of the counters alone, on a database of its own, over real HTTP. */
export class Edge {
  private constructor(
    private readonly database: TestDatabase,
    private readonly dir: string,
    readonly config: Config,
    readonly product: Product,
    private readonly lines: string[],
  ) {}

  static async start(
    own: Partial<Config> = {},
    contexts: readonly Context[] = [countersContext],
  ): Promise<Edge> {
    const database = await testDatabase();
    const dir = mkdtempSync(join(tmpdir(), 'guanxi-edge-'));
    const config: Config = {
      host: '127.0.0.1',
      port: 0,
      dataDir: dir,
      adminKey: ADMIN,
      role: 'all',
      logLevel: 'info',
      databaseUrl: database.url,
      client: {},
      ...own,
    };
    const lines: string[] = [];
    const log = new JsonLog('info', (text) => lines.push(text));
    const product = await startProduct({ config, contexts, log });
    return new Edge(database, dir, config, product, lines);
  }

  /** Everything that was logged. */
  get logged(): string {
    return this.lines.join('');
  }

  /** Sends JSON, or what is given; with the admin key unless other headers say so. */
  async call(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string> } = {},
  ) {
    const body =
      typeof options.body === 'string' || options.body === undefined
        ? options.body
        : JSON.stringify(options.body);
    const response = await fetch(`${this.product.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const isJson =
      /json/.test(response.headers.get('content-type') ?? '') &&
      !/ndjson/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}) {
    return this.call('POST', path, { body, headers });
  }

  get(path: string, headers: Record<string, string> = {}) {
    return this.call('GET', path, { headers });
  }

  /** Sends lines and returns the answers, each parsed. */
  async bulk(lines: readonly unknown[]): Promise<readonly Parsed[]> {
    const body = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
    return answersIn(
      (await this.call('POST', '/v1/commands', { body, headers: { 'content-type': 'application/x-ndjson' } }))
        .text,
    );
  }

  async stop(): Promise<void> {
    await this.product.close();
    await this.database.drop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export const answersIn = (text: string): readonly Parsed[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
