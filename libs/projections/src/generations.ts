import type { Pool, PoolClient } from 'pg';
import { createIndexes, createTables, gatherStatistics, newestIndex } from './ddl';
import { fingerprintOf } from './fingerprint';
import { refreshAnalysis } from './inspection/analysis';
import type { AnyReadModel, Columns } from './read-model';
import { READ_SCHEMA, columnOf, firstGeneration } from './read-model';

/** One set of a read model's tables, made by one version of its code. */
export interface Generation {
  readonly generation: string;
  readonly model: string;
  readonly version: number;
  /** `building` while a rebuild fills it, then workers follow the log into it. */
  readonly status: 'building' | 'following';
  /** True for the one that answers. */
  readonly serves: boolean;
}

/** Shards of a generation: so many workers can share it. */
export const SHARDS = 4;

/** Key of the advisory lock under which generations are made and changed. */
const GENERATIONS_LOCK = 7_241_002;

/** Holds while it is decided which generations there are. */
export async function lockGenerations(client: PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [GENERATIONS_LOCK]);
}

/**
 * Makes what is missing for each read model: a generation of its version, with tables and shards, and one that serves.
 * @returns what an operator should know, in words
 */
export async function prepareReadModels(
  pool: Pool,
  models: readonly AnyReadModel[],
): Promise<readonly string[]> {
  return inTransaction(pool, async (client) => {
    await lockGenerations(client);
    const notices: string[] = [];
    for (const model of models) notices.push(...(await prepare(client, model)));
    await refreshAnalysis(client, models);
    return notices;
  });
}

async function prepare(client: PoolClient, model: AnyReadModel): Promise<readonly string[]> {
  const known = (await generationsOf(client)).filter(({ model: name }) => name === model.name);
  const own = known.find(({ version, serves }) => version === model.version && serves);
  const any = own ?? known.find(({ version }) => version === model.version);
  const generation = any?.generation ?? firstGeneration(model);
  if (!any) await addGeneration(client, model, generation, 'following');
  for (const statement of createTables(model, generation)) await client.query(statement);
  if (any?.status !== 'building') await makeIndexes(client, model, generation);
  await client.query('insert into ops.serving (model, generation) values ($1, $2) on conflict do nothing', [
    model.name,
    generation,
  ]);
  const serving = known.find(({ serves }) => serves);
  const changed = await noteCode(client, model, generation);
  if (changed) return [changed];
  if (!serving || serving.version === model.version) return [];
  return [
    `${model.name} version ${model.version} is being built beside version ${serving.version}, which answers until ` +
      `"guanxi projections switch ${model.name}"`,
  ];
}

/** Makes the indexes that are missing; the planner is told of those that tables of an older kind did not have. */
async function makeIndexes(client: PoolClient, model: AnyReadModel, generation: string): Promise<void> {
  const { rows } = await client.query<{ missing: boolean }>('select to_regclass($1) is null as missing', [
    newestIndex(generation),
  ]);
  const found = await client.query<{ name: string }>(
    'select indexname as name from pg_indexes where schemaname = $1',
    [READ_SCHEMA],
  );
  const existing = new Set(found.rows.map(({ name }) => name));
  for (const statement of createIndexes(model, generation, existing)) await client.query(statement);
  if (rows[0]?.missing === true) await client.query(gatherStatistics(model, generation));
}

/** Adds a generation with its shards. */
export async function addGeneration(
  client: PoolClient,
  model: Pick<AnyReadModel, 'name' | 'version'>,
  generation: string,
  status: Generation['status'],
): Promise<void> {
  await client.query(
    'insert into ops.generations (generation, model, version, status) values ($1, $2, $3, $4)',
    [generation, model.name, model.version, status],
  );
  await client.query(
    `insert into ops.checkpoints (generation, shard, shards, position)
     select $1, shard, $2, 0 from generate_series(0, $2::integer - 1) as shard`,
    [generation, SHARDS],
  );
}

/** Notes what a generation's code looks like; says so when it had looked otherwise. */
async function noteCode(
  client: PoolClient,
  model: AnyReadModel,
  generation: string,
): Promise<string | undefined> {
  const fingerprint = fingerprintOf(model);
  const { rows } = await client.query<{ earlier: string | null }>(
    `with earlier as (select fingerprint from ops.generations where generation = $1)
     update ops.generations g
        set columns = coalesce(g.columns, $2::jsonb), fingerprint = coalesce(g.fingerprint, $3)
       from earlier where generation = $1 returning earlier.fingerprint as earlier`,
    [generation, JSON.stringify(model.columns), fingerprint],
  );
  const earlier = rows[0]?.earlier ?? fingerprint;
  if (earlier === fingerprint) return undefined;
  return (
    `the code of ${model.name} has changed, but its version ${model.version} has not: rows made before and after may ` +
    `differ. Raise its version, or build it anew with "guanxi projections rebuild ${model.name}"`
  );
}

/** How the names of policies begin among those of models: they have generations, checkpoints and leases, but no tables. */
export const POLICY_PREFIX = 'policy:';

/** All generations of read models, by model. */
export async function generationsOf(
  client: Pick<Pool, 'query'> | PoolClient,
): Promise<readonly Generation[]> {
  const { rows } = await client.query<Generation>(
    `select g.generation, g.model, g.version, g.status, s.generation is not null as serves
       from ops.generations g left join ops.serving s on s.generation = g.generation
      where not starts_with(g.model, '${POLICY_PREFIX}')
      order by g.model, g.version, g.created_at`,
  );
  return rows;
}

/** Where the tables of the serving generation lack a column that the code asks for, which it is. */
export function missingColumn(stored: Columns<object> | null, model: AnyReadModel): string | undefined {
  if (stored === null) return undefined;
  const known: Readonly<Record<string, unknown>> = { ...stored };
  const wanted: Readonly<Record<string, unknown>> = { ...model.columns };
  const field = Object.keys(wanted).find((name) => known[name] !== wanted[name]);
  return field === undefined ? undefined : columnOf(field);
}

/** Carries out `work` in a transaction; the connection goes when it fails. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    broken = false;
    return result;
  } finally {
    client.release(broken);
  }
}
