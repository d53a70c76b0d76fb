import type { Pool, PoolClient } from 'pg';
import { createTables, dropTables, indexesByTable } from '../ddl';
import type { AnyReadModel } from '../read-model';
import { tablesOf } from '../read-model';

/** Sorting the keys of an index in memory is several times as fast as on disk. */
const INDEX_MEMORY = '256MB';

/** A new index is logged page by page; to compress each of them costs as much as all the rest, where that may be left. */
const WITHOUT_COMPRESSION = `do $$ begin
  if has_parameter_privilege(current_user, 'wal_compression', 'set') then
    perform set_config('wal_compression', 'off', false);
  end if;
end $$`;

/** Makes a generation's tables without anything that each row would have to be entered into. */
export async function makeBareTables(
  client: PoolClient,
  model: AnyReadModel,
  generation: string,
): Promise<void> {
  for (const statement of createTables(model, generation)) await client.query(statement);
  for (const { table, name } of await primaryKeys(client, generation)) {
    await client.query(`alter table ${table} drop constraint ${name}`);
  }
}

/** How a session that makes indexes is set up. */
export const INDEXING: readonly string[] = [
  `set maintenance_work_mem = '${INDEX_MEMORY}'`,
  // A third of the usual sample does for plans; the server's own autovacuum takes a whole one in its time.
  'set default_statistics_target = 30',
  WITHOUT_COMPRESSION,
];

/** What makes one bare table whole: keys and indexes in any order, and statistics when all are there. */
export interface BareTable {
  readonly indexes: readonly string[];
  readonly statistics: string;
}

/** What makes bare tables whole, the largest table first. Statements that were carried out before do nothing. */
export async function completing(
  client: PoolClient,
  model: AnyReadModel,
  generation: string,
): Promise<readonly BareTable[]> {
  const { current, streams } = tablesOf(generation);
  const has = new Set((await primaryKeys(client, generation)).map(({ table }) => table));
  const keys = new Map([
    [current, '(id)'],
    [streams, '(id, stream)'],
  ]);
  return [...indexesByTable(model, generation)].map(([table, { indexes, statistics }]) => {
    const key = has.has(table) ? undefined : keys.get(table);
    const made = key === undefined ? [] : [`alter table ${table} add primary key ${key}`];
    return { indexes: [...made, ...indexes], statistics };
  });
}

/** Takes a generation away with all that is noted of it; who follows it finds its shards gone. */
export async function dropGeneration(client: PoolClient, generation: string): Promise<void> {
  await client.query('delete from ops.generations where generation = $1', [generation]);
  await client.query('delete from ops.rebuild_parts where generation = $1', [generation]);
  await client.query(dropTables(generation));
}

async function primaryKeys(
  client: PoolClient,
  generation: string,
): Promise<readonly { readonly table: string; readonly name: string }[]> {
  const { current, streams } = tablesOf(generation);
  const { rows } = await client.query<{ table: string; name: string }>(
    `select t.name as table, quote_ident(c.conname) as name
       from unnest($1::text[]) as t (name) join pg_constraint c on c.conrelid = to_regclass(t.name)
      where c.contype = 'p'`,
    [[current, streams]],
  );
  return rows;
}

/** Carries out a statement that may take long; the database gives it up when the signal comes. */
export async function runUnless(
  pool: Pool,
  client: PoolClient,
  statement: string,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const giveUp = (): void => {
    void pool.query('select pg_cancel_backend($1)', [rows[0]?.pid]).catch(() => undefined);
  };
  signal.addEventListener('abort', giveUp);
  try {
    await client.query(statement);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
