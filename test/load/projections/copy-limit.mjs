import { createRequire } from 'node:module';
import { join } from 'node:path';
import { built } from '../append/candidates.mjs';

const { Client } = createRequire(import.meta.url)('pg');
const GENERATION = 'deals_copied';

/**
 * What no rebuild can beat: the finished rows of the deals, as files on the server's own disk, copied by the server
 * into empty tables, the indexes made last. Nothing is read from the log, folded or sent.
 * @param {string} generation whose rows they are
 * @returns {Promise<{ms: number, cpuMs: number}>} without the time that making the files takes
 */
export async function copyLimit(url, generation) {
  const { createIndexes, createTables, dropTables, tablesOf } = built('projections');
  const { deals } = built('deals');
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query('show data_directory');
    const fileOf = (table) => join(rows[0].data_directory, `bench-${table}.copy`);
    const [from, to] = [tablesOf(generation), tablesOf(GENERATION)];
    const tables = ['current', 'history', 'movements'];
    for (const table of tables)
      await client.query(`copy ${from[table]} to '${fileOf(table)}' (format binary)`);
    await client.query('checkpoint');
    const begun = performance.now();
    for (const statement of createTables(deals, GENERATION)) await client.query(statement);
    for (const table of tables)
      await client.query(`copy ${to[table]} from '${fileOf(table)}' (format binary)`);
    for (const statement of createIndexes(deals, GENERATION)) await client.query(statement);
    const ms = performance.now() - begun;
    await client.query(dropTables(GENERATION));
    return { ms, cpuMs: 0 };
  } finally {
    await client.end();
  }
}
