import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { BROKER_VARIABLE } from './database-broker';

/** A database of a test's own. */
export interface TestDatabase {
  readonly url: string;
  /** Drops the database, whoever is still connected to it. */
  drop(): Promise<void>;
}

/**
 * Makes an empty database on the server of this test run: the one of DATABASE_URL, else the embedded PostgreSQL,
 * which the first call of a run starts for all its workers.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = await serverUrl();
  const name = `guanxi_test_${randomUUID().replaceAll('-', '')}`;
  await execute(server, `create database ${name} template template0 encoding 'UTF8' locale 'C'`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => execute(server, `drop database if exists ${name} with (force)`),
  };
}

async function serverUrl(): Promise<string> {
  const own = process.env['DATABASE_URL'];
  if (own !== undefined && own !== '') return own;
  const broker = process.env[BROKER_VARIABLE];
  if (broker === undefined) {
    throw new Error(
      'This test needs PostgreSQL: name it .int, .contract or .e2e, whose Jest projects offer one.',
    );
  }
  // A connection kept from an earlier question may be closed at the very moment of this one.
  const answer = await fetch(broker, { headers: { connection: 'close' } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The PostgreSQL of this test run could not be started: ${text}`);
  return text;
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
