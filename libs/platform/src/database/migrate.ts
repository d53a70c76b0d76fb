import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { OPS_SCHEMA, createDataSource } from './data-source';
import { errorCode, errorMessage } from '../embedded-postgres/errors';
import { DatabaseError } from './database-error';
import { refuseUnfit, refuseUnsafe } from './server-checks';
import type { UnsafeSetting } from './unsafe-settings';

/**
 * Key of the advisory lock under which one process migrates while others wait. It changes with the manner of waiting:
 * who waits in the manner of before would hold up what is built beside the appends.
 */
const MIGRATION_LOCK = 7_241_101;
const LOOK_AGAIN_MILLISECONDS = 50;

/**
 * Brings a database up to date; safe when several processes start at once.
 * @throws DatabaseError when it is too old, read-only or full, or cannot be reached
 */
export async function migrate(url: string): Promise<void> {
  const source = await migrated(url, () => Promise.resolve());
  await source.destroy();
}

/**
 * Brings a database up to date and hands out TypeORM's connection to it.
 * @param accepted settings that may be off although that can lose what was acknowledged
 * @throws DatabaseError as `migrate`, and when the server may lose what it acknowledges
 */
export const migratedDataSource = (
  url: string,
  accepted: readonly UnsafeSetting[] = [],
): Promise<DataSource> => migrated(url, (client) => refuseUnsafe(client, accepted));

async function migrated(url: string, check: (client: Client) => Promise<void>): Promise<DataSource> {
  const client = await connect(url);
  try {
    await refuseUnfit(client);
    await check(client);
    await lock(client);
    await client.query(`create schema if not exists ${OPS_SCHEMA}`);
    const source = await createDataSource(url).initialize();
    try {
      await source.runMigrations();
      return source;
    } catch (error) {
      await source.destroy();
      throw error;
    }
  } catch (error) {
    throw refusalOf(error);
  } finally {
    // The lock goes with the connection.
    await client.end();
  }
}

/**
 * Asks again and again instead of waiting inside the database: a statement that waits holds a snapshot, for whose end
 * the one who migrates would wait in turn when it builds an index beside the appends.
 */
async function lock(client: Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
      MIGRATION_LOCK,
    ]);
    if (rows[0]?.locked) return;
    await pause(LOOK_AGAIN_MILLISECONDS);
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
    throw new DatabaseError(
      'database.unreachable',
      `PostgreSQL at ${placeOf(url)} cannot be reached: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

const DISK_FULL = '53100';

/** A full disk is for people to see to; everything else is handed on. */
function refusalOf(error: unknown): unknown {
  if (errorCode(error) !== DISK_FULL) return error;
  return new DatabaseError(
    'database.disk-full',
    'the disk of the database is full: make room, then start again',
    {
      cause: error,
    },
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
