import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contexts } from '@guanxi/contexts';
import type { Product } from '@guanxi/platform';
import { startProduct } from '@guanxi/platform';
import { testDatabase } from '../../../../test/support/postgres';
import type { TestDatabase } from '../../../../test/support/postgres';
import { ran } from './ran';
import type { Ran } from './ran';

export const ADMIN = 'an-admin-key-of-a-test';

/** The whole product on a database of its own, and the client that speaks to it. */
export class Running {
  private constructor(
    private readonly database: TestDatabase,
    readonly dir: string,
    readonly product: Product,
  ) {}

  static async start(): Promise<Running> {
    const database = await testDatabase();
    const dir = mkdtempSync(join(tmpdir(), 'guanxi-cli-'));
    const config = {
      ...{ host: '127.0.0.1', port: 0, dataDir: dir, adminKey: ADMIN, databaseUrl: database.url, client: {} },
      ...({ role: 'all', logLevel: 'warn' } as const),
    };
    return new Running(database, dir, await startProduct({ config, contexts }));
  }

  /** For commands that look into the database themselves. */
  get databaseUrl(): string {
    return this.database.url;
  }

  get settings(): { readonly url: string; readonly apiKey: string } {
    return { url: this.product.url, apiKey: ADMIN };
  }

  get env(): NodeJS.ProcessEnv {
    return { GUANXI_URL: this.product.url, GUANXI_API_KEY: ADMIN, GUANXI_DATA_DIR: this.dir };
  }

  /** For commands that look into the database itself. */
  get databaseEnv(): NodeJS.ProcessEnv {
    return { ...this.env, DATABASE_URL: this.database.url };
  }

  guanxi(...argv: readonly string[]): Promise<Ran> {
    return ran(argv, this.env);
  }

  /** Settles when every read model has taken in all that was written. */
  async caughtUp(): Promise<void> {
    const { position } = await this.product.store.head();
    const models = contexts.flatMap(({ readModels }) => readModels);
    await this.product.queries.waitFor(models, position);
  }

  async stop(): Promise<void> {
    await this.product.close();
    await this.database.drop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
