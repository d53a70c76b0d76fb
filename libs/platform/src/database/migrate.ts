import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { OPS_SCHEMA, createDataSource } from './data-source';
import { errorCode, errorMessage } from '../embedded-postgres/errors';
import { DatabaseError } from './database-error';

const OLDEST_VERSION = 15;
/** Key of the advisory lock under which one process migrates while others wait. */
const MIGRATION_LOCK = 7_241_100;

/**
 * Brings a database up to date; safe when several processes start at once.
 * @throws DatabaseError when it is too old or cannot be reached
 */
export async function migrate(url: string): Promise<void> {
  const source = await migratedDataSource(url);
  await source.destroy();
}

/** Brings a database up to date and hands out TypeORM's connection to it. @throws DatabaseError */
export async function migratedDataSource(url: string): Promise<DataSource> {
  const client = await connect(url);
  try {
    await refuseOld(client);
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(`create schema if not exists ${OPS_SCHEMA}`);
    const source = await createDataSource(url).initialize();
    try {
      await source.runMigrations();
      return source;
    } catch (error) {
      await source.destroy();
      throw error;
    }
  } finally {
    // The lock goes with the connection.
    await client.end();
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: 'guanxi-migrate',
    connectionTimeoutMillis: 10_000,
  });
  // Without a listener a connection that breaks while nobody waits for it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw new DatabaseError(`PostgreSQL at ${placeOf(url)} cannot be reached: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

async function refuseOld(client: Client): Promise<void> {
  const { rows } = await client.query<{ number: string; text: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as text`,
  );
  const [row] = rows;
  if (row && Number(row.number) >= OLDEST_VERSION * 10_000) return;
  throw new DatabaseError(
    `PostgreSQL ${OLDEST_VERSION} or newer is needed; this is ${row?.text ?? 'unknown'}`,
  );
}

/** Host, port and database, without user and password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function reasonOf(error: unknown): string {
  const message = errorMessage(error);
  return message === '' ? (errorCode(error) ?? 'unknown reason') : message;
}
