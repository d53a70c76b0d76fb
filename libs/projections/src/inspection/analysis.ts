import { hash } from 'node:crypto';
import { conflict } from '@guanxi/kernel';
import type { PoolClient } from 'pg';
import { DatabaseError } from 'pg';
import { NEVER } from '../ddl';
import type { AnyReadModel } from '../read-model';
import { tablesOf } from '../read-model';
import type { AnalysisColumn } from './analysis-columns';
import { commentOf, viewColumns } from './analysis-columns';

/** Schema with the views for analysts. */
export const ANALYSIS_SCHEMA = 'analysis';

const DEPENDENT_OBJECTS = '2BP01';

/**
 * Makes the analysts' views and functions show the generations that answer, in the transaction that decides which do.
 * What shows them already is left alone, so that whoever reads it is not held up.
 * @throws DomainError `analysis.in-use` when a view must lose a column and something of an analyst's own rests on it
 */
export async function refreshAnalysis(client: PoolClient, models: readonly AnyReadModel[]): Promise<void> {
  for (const model of models) {
    const generation = await servingOf(client, model.name);
    if (generation !== undefined) await refresh(client, model, generation);
  }
}

async function servingOf(client: PoolClient, model: string): Promise<string | undefined> {
  const { rows } = await client.query<{ generation: string }>(
    'select generation from ops.serving where model = $1',
    [model],
  );
  return rows[0]?.generation;
}

async function refresh(client: PoolClient, model: AnyReadModel, generation: string): Promise<void> {
  const { current } = tablesOf(generation);
  const columns = viewColumns(model, await columnsOf(client, current));
  const definition = hash(
    'sha256',
    [generation, ...statementsOf(model, generation, columns)].join('\n'),
    'hex',
  );
  if (await isMade(client, model, definition)) return;
  const views = [viewOf(model), versionsOf(model)];
  const grants = await grantsOf(client, views);
  const shown = await columnsOf(client, viewOf(model));
  const isExtension = shown.every(({ name, type }, index) =>
    columns.some((column, at) => at === index && column.name === name && column.type === type),
  );
  try {
    await client.query(`drop function if exists ${functionOf(model)}`);
    if (!isExtension) await client.query(`drop view if exists ${views.join(', ')}`);
  } catch (error) {
    throw error instanceof DatabaseError && error.code === DEPENDENT_OBJECTS ? inUse(model, error) : error;
  }
  for (const statement of statementsOf(model, generation, columns)) await client.query(statement);
  for (const grant of grants) await client.query(grant);
  await client.query(
    `insert into ops.analysis_views (model, definition) values ($1, $2)
     on conflict (model) do update set definition = excluded.definition`,
    [model.name, definition],
  );
}

async function isMade(client: PoolClient, model: AnyReadModel, definition: string): Promise<boolean> {
  const { rows } = await client.query<{ made: boolean }>(
    `select definition = $2 and to_regclass($3) is not null and to_regclass($4) is not null
            and to_regprocedure($5) is not null as made
       from ops.analysis_views where model = $1`,
    [model.name, definition, viewOf(model), versionsOf(model), functionOf(model)],
  );
  return rows[0]?.made === true;
}

const viewOf = ({ name }: AnyReadModel): string => `${ANALYSIS_SCHEMA}.${name}`;
const versionsOf = ({ name }: AnyReadModel): string => `${ANALYSIS_SCHEMA}.${name}_versions`;
const functionOf = ({ name }: AnyReadModel): string =>
  `${ANALYSIS_SCHEMA}.${name}_at(timestamptz, timestamptz)`;

async function columnsOf(client: PoolClient, table: string): Promise<readonly AnalysisColumn[]> {
  const { rows } = await client.query<AnalysisColumn>(
    `select attname as name, format_type(atttypid, atttypmod) as type
       from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum`,
    [table],
  );
  return rows;
}

/** The statements that give back who may read a view. */
async function grantsOf(client: PoolClient, views: readonly string[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ statement: string }>(
    `select format('grant select on %s to %s', c.oid::regclass,
                   case when a.grantee = 0 then 'public' else a.grantee::regrole::text end) as statement
       from pg_class c, aclexplode(c.relacl) a
      where c.oid in (select to_regclass(v) from unnest($1::text[]) as v)
        and a.privilege_type = 'SELECT' and a.grantee <> c.relowner`,
    [views],
  );
  return rows.map(({ statement }) => statement);
}

function statementsOf(
  model: AnyReadModel,
  generation: string,
  columns: readonly AnalysisColumn[],
): readonly string[] {
  const { current, history } = tablesOf(generation);
  const names = columns.map(({ name }) => name);
  const list = names.join(', ');
  const [view, versions] = [viewOf(model), versionsOf(model)];
  return [
    `create or replace view ${view} as select ${list} from ${current}`,
    `create or replace view ${versions} as
       select 'infinity'::timestamptz as valid_to, opened_pos, ${NEVER}::bigint as closed_pos,
              ${NEVER}::bigint as superseded_pos, ${list} from ${current}
       union all
       select valid_to, opened_pos, closed_pos, superseded_pos, ${list} from ${history}`,
    `create function ${ANALYSIS_SCHEMA}.${model.name}_at(
       as_of timestamptz default 'infinity', as_known_at timestamptz default null)
     returns table (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')})
     language sql stable as $$
       select ${names.map((name) => `v.${name}`).join(', ')} from ${versions} v
        where v.opened_pos <= (select ${ANALYSIS_SCHEMA}.known_position('${model.name}', $2))
          and v.superseded_pos > (select ${ANALYSIS_SCHEMA}.known_position('${model.name}', $2))
          and v.valid_from <= coalesce($1, 'infinity')
          and (v.valid_to > coalesce($1, 'infinity')
               or v.closed_pos > (select ${ANALYSIS_SCHEMA}.known_position('${model.name}', $2)))
     $$`,
    `comment on view ${view} is ${literal(commentOf(model))}`,
    `comment on view ${versions} is ${literal(`All versions of ${model.name}, with when they held and between which positions of the log they were held to be right.`)}`,
    `comment on function ${functionOf(model)} is ${literal(`Rows of ${model.name} as of a moment, as known at a moment.`)}`,
    ...columns.flatMap(({ name, words }) =>
      words === undefined
        ? []
        : [view, versions].map((each) => `comment on column ${each}.${name} is ${literal(words)}`),
    ),
  ];
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const inUse = ({ name }: AnyReadModel, { detail, message }: DatabaseError): Error =>
  conflict(
    'analysis.in-use',
    `${ANALYSIS_SCHEMA}.${name} must lose or change a column, but something else rests on it (${detail ?? message}): ` +
      'drop that first and make it anew afterwards',
    { model: name },
  );
