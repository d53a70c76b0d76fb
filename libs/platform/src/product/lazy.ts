import type { ProcessOptions } from './run-process';
import type { Product, ProductOptions } from './start-product';

/*
 * A context imports this library for a type or a token, the CLI for its settings: neither should wait until Nest,
 * TypeORM and all the rest are loaded.
 */

/** Brings a database up to date; safe when several processes start at once. @throws DatabaseError */
export async function migrate(url: string): Promise<void> {
  const { migrate: run } = await import('../database/migrate');
  await run(url);
}

/**
 * Starts everything of a role in this process: database, migrations, projections, HTTP.
 * @throws StartError, DatabaseError, EmbeddedPostgresError with messages for people; whatever had started is stopped
 */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const { startProduct: run } = await import('./start-product');
  return run(options);
}

/** Runs the product until a signal ends it. */
export async function runProcess(options: ProcessOptions): Promise<void> {
  const { runProcess: run } = await import('./run-process');
  await run(options);
}
