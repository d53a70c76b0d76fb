import { createRequire } from 'node:module';
import { built } from '../append/candidates.mjs';

const { Client } = createRequire(import.meta.url)('pg');

/**
 * How far the tables of two generations differ, and whether each deal of the log has its row.
 * @returns {Promise<{differing: number, missing: number, rows: number}>} `differing`: rows that only one of them has
 */
export async function differences(url, one, other) {
  const { tablesOf } = built('projections');
  const [a, b] = [tablesOf(one), tablesOf(other)];
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const count = async (sql) => Number((await client.query(`select count(*) as n from ${sql}`)).rows[0].n);
    let differing = 0;
    let rows = 0;
    for (const table of ['current', 'history', 'movements']) {
      const only = (x, y) => `(select * from ${x[table]} except all select * from ${y[table]})`;
      differing += await count(`(${only(a, b)} union all ${only(b, a)}) as either`);
      rows += await count(a[table]);
    }
    const missing = await count(
      `(select substr(stream, 6)::uuid as id from es.events where type = 'deal-opened.v1'
        except select id from ${a.current}) as gone`,
    );
    return { differing, missing, rows };
  } finally {
    await client.end();
  }
}
