import { Pool } from 'pg';

/** What a pool is for, and what it tells. */
export interface PoolOptions {
  readonly url: string;
  /** How the connections are called in the database's own lists. */
  readonly name: string;
  readonly max?: number;
  /** Milliseconds after which the database gives a statement up; absent: never. */
  readonly statementTimeout?: number;
  /** Gets the error of a connection that nobody was using; the pool replaces it by itself. */
  readonly onError?: (error: Error) => void;
}

const CONNECTIONS = 12;
const CONNECT_MILLISECONDS = 10_000;

/**
 * `options` of a connection, a space inside a value escaped. Whoever waits for a lock is to see what its holder has
 * committed: with another isolation of the server's own every second append would fail.
 */
export const CONNECTION_OPTIONS = '-c TimeZone=UTC -c default_transaction_isolation=read\\ committed';

/** Connections in UTC that read what is committed, whatever the server's own zone and isolation are. */
export function createPool({ url, name, max = CONNECTIONS, statementTimeout, onError }: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: name,
    max,
    options: CONNECTION_OPTIONS,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    ...(statementTimeout === undefined ? {} : { statement_timeout: statementTimeout }),
  });
  pool.on('error', (error) => onError?.(error));
  // A connection that breaks while somebody holds it tells the pool nothing, and an error that nobody hears ends Node.
  pool.on('connect', (client) => client.on('error', (error) => onError?.(error)));
  return pool;
}
