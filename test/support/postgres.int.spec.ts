import { Client } from 'pg';
import { testDatabase } from './postgres';

// Whole servers and builds are started: on a busy machine that takes its time.
jest.setTimeout(60_000);

const ask = async (url: string, statement: string): Promise<unknown[]> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
};

describe('testDatabase', () => {
  it('makes an empty database a call, with the encoding and order of the product', async () => {
    const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
    try {
      await ask(one.url, 'create table facts (id int)');
      expect(await ask(two.url, `select to_regclass('facts') as found`)).toEqual([{ found: null }]);
      expect(
        await ask(
          one.url,
          `select pg_encoding_to_char(encoding) as encoding, datcollate from pg_database where datname = current_database()`,
        ),
      ).toEqual([{ encoding: 'UTF8', datcollate: 'C' }]);
    } finally {
      await Promise.all([one.drop(), two.drop()]);
    }
  });

  it('drops the database under whoever is still connected, and may be told so twice', async () => {
    const database = await testDatabase();
    const lingering = new Client({ connectionString: database.url });
    const cut = new Promise((resolve) => lingering.on('error', resolve));
    await lingering.connect();
    await database.drop();
    expect(await cut).toMatchObject({ code: '57P01' });
    await database.drop();
    await expect(ask(database.url, 'select 1')).rejects.toMatchObject({ code: '3D000' });
  });
});
