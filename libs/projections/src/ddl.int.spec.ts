import { createPool } from '@guanxi/platform';
import type { Pool } from 'pg';
import type { QueryRunner } from 'typeorm';
import type { TestDatabase } from '../../../test/support/postgres';
import { testDatabase } from '../../../test/support/postgres';
import { NEVER } from './ddl';
import { prepareReadModels } from './generations';
import { projectionMigrations } from './migrations';
import { accounts } from './testing/ledger-model';

const HISTORY = 'rm.test_accounts_v1_history';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await testDatabase();
  pool = createPool({ url: database.url, name: 'test', max: 2 });
  const runner = { query: (sql: string) => pool.query(sql) } as unknown as QueryRunner;
  for (const Migration of projectionMigrations) await new Migration().up(runner);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function indexes(): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string }>(
    'select indexrelid::regclass::text as name from pg_index where indrelid = $1::regclass order by 1',
    [HISTORY],
  );
  return rows.map(({ name }) => name);
}

it('gives tables that older code made the indexes of today, and tells the planner what is in them', async () => {
  await prepareReadModels(pool, [accounts]);
  const today = await indexes();
  expect(today).toHaveLength(3);
  await pool.query(
    `drop index ${HISTORY}_times, ${HISTORY}_runs;
     create index test_accounts_v1_history_ends on ${HISTORY} (valid_to, valid_from) where superseded_pos = ${NEVER};
     insert into ${HISTORY} (id, owner, balance, valid_from, valid_to, opened_pos, closed_pos, superseded_pos)
       select gen_random_uuid(), 'somebody', n, now(), case n % 3 when 0 then 'infinity' else now() + n * interval '1 hour' end,
              n, case n % 3 when 0 then ${NEVER} else 2 * n end, case n % 3 when 0 then 3 * n else ${NEVER} end
         from generate_series(1, 1000) as n`,
  );
  await prepareReadModels(pool, [accounts]);
  expect(await indexes()).toEqual(today);
  const { rows } = await pool.query<{ known: string[] }>(
    `select array_agg(distinct tablename::text) as known from pg_stats where tablename like 'test_accounts_v1_history%'`,
  );
  expect(rows[0]?.known).toEqual(
    expect.arrayContaining([
      'test_accounts_v1_history',
      'test_accounts_v1_history_runs',
      'test_accounts_v1_history_times',
    ]),
  );
});
