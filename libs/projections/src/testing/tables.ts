import type { Pool } from 'pg';
import { tablesOf } from '../read-model';

/** All rows of a generation's tables as text, table by table, in an order that does not depend on how they came in. */
export async function tablesAsText(
  pool: Pool,
  generation: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const found: Record<string, readonly string[]> = {};
  for (const [kind, table] of Object.entries(tablesOf(generation))) {
    const { rows: there } = await pool.query('select where to_regclass($1) is not null', [table]);
    if (there.length === 0) continue;
    const { rows } = await pool.query<{ line: string }>(
      `select t::text as line from ${table} t order by t::text collate "C"`,
    );
    found[kind] = rows.map(({ line }) => line);
  }
  return found;
}
