import { PostgresEventStore } from '@guanxi/event-store-postgres';
import type { Pool } from 'pg';
import type { TestDatabase } from '../../../../test/support/postgres';
import { testDatabase } from '../../../../test/support/postgres';
import { migrate } from '../database/migrate';
import { createPool } from '../database/pools';
import { openStore } from './open-store';

let database: TestDatabase;
let pool: Pool;

beforeEach(async () => {
  database = await testDatabase();
  await migrate(database.url);
  pool = createPool({ url: database.url, name: 'test' });
  await pool.query(
    `insert into ops.generations (generation, model, version, status) values ('things_v1', 'things', 1, 'following')`,
  );
  await pool.query(`insert into ops.checkpoints (generation, shard, position) values ('things_v1', 0, 0)`);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await pool.end();
  await database.drop();
});

/** Events go into the log; the read models take them in where they follow. */
const reach = async ({ log, readModels }: { log: number; readModels: number }): Promise<void> => {
  await pool.query('update es.head set position = $1', [log]);
  await pool.query('update ops.checkpoints set position = $1, moved_to = $1', [readModels]);
};

it('opens beside writers: what is taken in between two looks is not held against the log of before', async () => {
  const head = PostgresEventStore.prototype.head;
  const looks = jest.spyOn(PostgresEventStore.prototype, 'head');
  looks.mockImplementation(async function (this: PostgresEventStore) {
    const found = await head.call(this);
    await reach({ log: 7, readModels: 7 });
    return found;
  });
  const store = await openStore(pool, undefined);
  expect(looks).toHaveBeenCalled();
  await store.close();
});

it('refuses read models that are ahead of the log', async () => {
  await reach({ log: 6, readModels: 7 });
  await expect(openStore(pool, undefined)).rejects.toThrow(
    /have reached position 7, the event store ends at 6/,
  );
});

it('opens where a position was changed by hand, so that the rebuild can be made that mends it', async () => {
  await reach({ log: 6, readModels: 6 });
  await pool.query('update ops.checkpoints set position = 7');
  const store = await openStore(pool, undefined);
  await store.close();
});
