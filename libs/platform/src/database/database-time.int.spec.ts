import type { Pool } from 'pg';
import { testDatabase } from '../../../../test/support/postgres';
import { migrate } from './migrate';
import { createPool } from './pools';
import { DatabaseTime } from './database-time';

let database: Awaited<ReturnType<typeof testDatabase>>;
let pool: Pool;
beforeAll(async () => {
  database = await testDatabase();
  pool = createPool({ url: database.url, name: 'test' });
  await migrate(database.url);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

it('is never before the last event, which a database whose clock was set back goes on recording with', async () => {
  await pool.query(
    `update es.head set recorded_at = date_trunc('milliseconds', clock_timestamp()) + interval '1 hour'`,
  );
  const { rows } = await pool.query<{ head: number }>(
    'select extract(epoch from recorded_at)::float8 * 1000 as head from es.head',
  );
  const time = await DatabaseTime.open(pool);
  expect(time.milliseconds()).toBeGreaterThanOrEqual(rows[0]?.head ?? Infinity);
  await time.close();
});
