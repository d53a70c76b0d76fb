import { Client } from 'pg';

/** Transactions that have nothing to do with the store, open as long as they are wanted. */
export interface LongTransactions {
  end(): Promise<void>;
}

/**
 * Opens, on each of the databases, a transaction that has written and one that has only taken a snapshot. Both hold
 * back what depends on the oldest transaction of the server; the store must not.
 */
export async function openLongTransactions(urls: readonly string[]): Promise<LongTransactions> {
  const clients = await Promise.all(urls.flatMap((url) => [writing(url), reading(url)]));
  return {
    end: async () => {
      await Promise.all(clients.map((client) => client.end()));
    },
  };
}

async function writing(url: string): Promise<Client> {
  const client = await connect(url);
  await client.query('create table unrelated (n integer)');
  await client.query('begin');
  await client.query('insert into unrelated values (1)');
  return client;
}

async function reading(url: string): Promise<Client> {
  const client = await connect(url);
  await client.query('begin isolation level repeatable read');
  await client.query('select count(*) from pg_class');
  return client;
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString, application_name: 'oracle-unrelated' });
  await client.connect();
  return client;
}
