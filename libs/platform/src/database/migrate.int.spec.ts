import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '../../../../test/support/postgres';
import { testDatabase } from '../../../../test/support/postgres';
import { DatabaseError } from './database-error';
import { migrate, migratedDataSource } from './migrate';
import { createPool } from './pools';
import { refuseUnfit, refuseUnsafe } from './server-checks';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

const name = (): string => new URL(database.url).pathname.slice(1);

async function within<T>(use: (client: Client) => Promise<T>, url = database.url): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const execute = (statement: string): Promise<unknown> => within((client) => client.query(statement));

const refusalOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

it('connections have the isolation that the product is written for, whatever the database has', async () => {
  await execute(`alter database "${name()}" set default_transaction_isolation = 'serializable'`);
  const pool = createPool({ url: database.url, name: 'test' });
  const source = await migratedDataSource(database.url, []);
  try {
    const { rows } = await pool.query<{ transaction_isolation: string }>('show transaction_isolation');
    expect(rows).toEqual([{ transaction_isolation: 'read committed' }]);
    expect(await source.query('show transaction_isolation')).toEqual(rows);
  } finally {
    await pool.end();
    await source.destroy();
  }
});

describe('a server that may lose what it acknowledges', () => {
  const start = async (accepted: Parameters<typeof migratedDataSource>[1]): Promise<void> => {
    const source = await migratedDataSource(database.url, accepted);
    await source.destroy();
  };

  it('is refused with the setting, what is at stake, and how to accept it', async () => {
    await execute(`alter database ${name()} set synchronous_commit = off`);
    const refusal = await refusalOf(start([]));
    expect(refusal).toBeInstanceOf(DatabaseError);
    expect(refusal).toMatchObject({
      code: 'database.unsafe',
      message: [
        'PostgreSQL runs with synchronous_commit off: events that were acknowledged can be lost in a crash.',
        'Switch it on, or accept that loss by name: GUANXI_ACCEPT_UNSAFE=synchronous_commit',
      ].join('\n'),
    });
    await within(async (client) => {
      const { rows } = await client.query(`select to_regclass('es.events') as events`);
      expect(rows).toEqual([{ events: null }]);
    });
  });

  it('is taken when that very setting was accepted', async () => {
    await execute(`alter database ${name()} set synchronous_commit = off`);
    expect(await refusalOf(start(['fsync', 'full_page_writes']))).toMatchObject({ code: 'database.unsafe' });
    await start(['synchronous_commit']);
  });

  it.each(['on', 'local', 'remote_apply'])('is not meant where synchronous_commit is %s', async (value) => {
    await execute(`alter database ${name()} set synchronous_commit = ${value}`);
    await start([]);
  });

  it('is brought up to date all the same by one who asks for nothing else', async () => {
    await execute(`alter database ${name()} set synchronous_commit = off`);
    await migrate(database.url);
  });

  // These two belong to a whole server; what it answers is all that is looked at.
  it.each(['fsync', 'full_page_writes'] as const)('is refused for %s as well', async (setting) => {
    const server = { query: () => Promise.resolve({ rows: [{ name: setting }] }) } as unknown as Client;
    await expect(refuseUnsafe(server, ['synchronous_commit'])).rejects.toMatchObject({
      code: 'database.unsafe',
      message: expect.stringMatching(
        new RegExp(`${setting} off: a crash of the machine .*GUANXI_ACCEPT_UNSAFE=${setting}$`, 's'),
      ),
    });
    await refuseUnsafe(server, [setting]);
  });

  it('asks the server for exactly these settings', async () => {
    await within(async (client) => {
      await client.query('set synchronous_commit = off');
      await expect(refuseUnsafe(client, [])).rejects.toThrow('synchronous_commit off');
      await client.query('set synchronous_commit = on');
      await refuseUnsafe(client, []);
    });
  });
});

describe('a database that takes no writes', () => {
  it('is refused before anything is tried', async () => {
    await execute(`alter database ${name()} set default_transaction_read_only = on`);
    const refusal = await refusalOf(migrate(database.url));
    expect(refusal).toBeInstanceOf(DatabaseError);
    expect(refusal).toMatchObject({
      code: 'database.read-only',
      message: expect.stringContaining('default_transaction_read_only'),
    });
  });

  const answering = (row: object): Client =>
    ({ query: () => Promise.resolve({ rows: [row] }) }) as unknown as Client;

  it('is refused where it follows another server', async () => {
    const standby = answering({ number: '180004', text: '18.4', recovering: true, readOnly: 'on' });
    await expect(refuseUnfit(standby)).rejects.toMatchObject({
      code: 'database.read-only',
      message: expect.stringContaining('name the primary in DATABASE_URL'),
    });
  });

  it('is refused where the server is too old', async () => {
    const old = answering({ number: '140012', text: '14.12', recovering: false, readOnly: 'off' });
    await expect(refuseUnfit(old)).rejects.toMatchObject({
      code: 'database.too-old',
      message: 'PostgreSQL 15 or newer is needed; this is 14.12',
    });
    await refuseUnfit(answering({ number: '150000', text: '15.0', recovering: false, readOnly: 'off' }));
  });
});

it('says where nobody answers, without user and password', async () => {
  const url = new URL(database.url);
  Object.assign(url, { port: '9', username: 'somebody', password: 'hunter2' });
  const refusal = await refusalOf(migrate(url.href));
  expect(refusal).toMatchObject({
    code: 'database.unreachable',
    message: expect.stringContaining('127.0.0.1:9'),
  });
  expect((refusal as Error).message).not.toMatch(/hunter2|somebody/);
});

it('says so when the disk is full', async () => {
  // The disk of a test cannot be filled: an event trigger fails as the server does when it finds no room.
  await execute(`
    create function full_disk() returns event_trigger language plpgsql as
      $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$;
    create event trigger full_disk on ddl_command_start when tag in ('CREATE TABLE') execute function full_disk()`);
  expect(await refusalOf(migrate(database.url))).toMatchObject({
    code: 'database.disk-full',
    message: expect.stringContaining('make room'),
  });
});

it('waits for one that is migrating, holding no snapshot that an index build would wait for', async () => {
  await within(async (migrating) => {
    await migrating.query('select pg_advisory_lock(7241101)');
    const waiting = migrate(database.url);
    await seen(
      migrating,
      `select from pg_stat_activity where application_name = 'guanxi-migrate'
      and datname = current_database() and state = 'idle' and query like '%pg_try_advisory_lock%'`,
    );
    await migrating.query('create table filled (n integer); insert into filled values (1)');
    await migrating.query('create index concurrently filled_n on filled (n)');
    const { rows } = await migrating.query(`select to_regclass('es.events') as events`);
    expect(rows).toEqual([{ events: null }]);
    await migrating.query('select pg_advisory_unlock(7241101)');
    await waiting;
  });
});

async function seen(client: Client, query: string): Promise<void> {
  while ((await client.query(query)).rows.length === 0) await pause(10);
}

it('leaves nothing connected behind', async () => {
  const own = `guanxi-${randomUUID()}`;
  await migrate(database.url);
  const url = new URL(database.url);
  url.searchParams.set('application_name', own);
  await within(async (client) => {
    await seen(
      client,
      `select where not exists (select from pg_stat_activity
      where datname = current_database() and application_name like 'guanxi-%' and application_name <> '${own}')`,
    );
  }, url.href);
});
