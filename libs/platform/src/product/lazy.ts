import type { EventStore } from '@guanxi/event-store';
import type { Pool } from 'pg';
import type { DeadLetterOffice, OfficeParts } from '../operations/dead-letter-office';
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
 * Opens the event store: on KurrentDB if its address is given, else in the database that holds the read models.
 * @throws StartError when KurrentDB does not answer or does not let us in, or when the read models are of another log
 */
export async function openStore(pool: Pool, kurrentUrl: string | undefined): Promise<EventStore> {
  const { openStore: open } = await import('./open-store');
  return open(pool, kurrentUrl);
}

/** Who knows all keys that are set aside. */
export async function deadLetterOffice(parts: OfficeParts): Promise<DeadLetterOffice> {
  const { DeadLetterOffice: Office } = await import('../operations/dead-letter-office');
  return new Office(parts);
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
