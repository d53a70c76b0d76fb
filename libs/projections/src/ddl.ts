import { NEWEST_UNTIL, RUN_PLACE, TIME_PLACE } from './places';
import type { AnyReadModel, ModelIndex } from './read-model';
import { READ_SCHEMA, columnOf, tablesOf } from './read-model';

/** Stands for "not closed" and "not superseded" in position columns: the largest bigint. */
export const NEVER = 9223372036854775807n;

/**
 * The statements that make a generation's tables, without their indexes but the primary keys.
 *
 * `current` holds the row of now of each key and is read like a plain table. `history` holds closed and
 * superseded versions. A version answers for (asOf t, known position p) when
 * `opened_pos <= p < superseded_pos`, `valid_from <= t`, and `valid_to > t` or its end was learned after p.
 */
export function createTables(model: AnyReadModel, generation: string): readonly string[] {
  const tables = tablesOf(generation);
  const columns = columnList(model.columns);
  const statements = [
    `create table if not exists ${tables.current} (
       id uuid primary key, ${columns},
       valid_from timestamptz not null, opened_pos bigint not null, last_at timestamptz not null)`,
    `create table if not exists ${tables.history} (
       id uuid not null, ${columns},
       valid_from timestamptz not null, valid_to timestamptz not null,
       opened_pos bigint not null, closed_pos bigint not null, superseded_pos bigint not null)`,
  ];
  if (model.movements) {
    statements.push(
      `create table if not exists ${tables.movements} (
         id uuid not null, ${columnList(model.movements.columns)},
         effective_at timestamptz not null, known_pos bigint not null, superseded_pos bigint not null)`,
    );
  }
  if (model.manyStreams) {
    statements.push(
      `create table if not exists ${tables.streams} (
         id uuid not null, stream text not null, noted_pos bigint not null, primary key (id, stream))`,
    );
  }
  return statements;
}

/**
 * The statements that make a generation's indexes, and take away those that it had before; a rebuild runs them when its
 * rows are in. Rows that were there before want `gatherStatistics` then.
 * @param existing names of indexes that are there. Even `if not exists` locks out whoever writes, until the
 * transaction ends: what nobody needs must not be sent to tables that others follow the log into.
 */
export function createIndexes(
  model: AnyReadModel,
  generation: string,
  existing?: ReadonlySet<string>,
): readonly string[] {
  const wanted = indexesOf(model);
  const retired = RETIRED_INDEXES.filter((name) => !wanted.some((index) => index.name === name));
  return [
    ...wanted
      .filter(({ name }) => existing?.has(`${generation}_${name}`) !== true)
      .map((index) => createIndex(generation, index)),
    ...retired
      .filter((name) => existing?.has(`${generation}_${name}`) !== false)
      .map((name) => `drop index if exists ${READ_SCHEMA}.${generation}_${name}`),
  ];
}

/** Statements for the indexes of each table that has any, and the statement that gathers its statistics. */
export function indexesByTable(
  model: AnyReadModel,
  generation: string,
): ReadonlyMap<string, { readonly indexes: readonly string[]; readonly statistics: string }> {
  const tables = tablesOf(generation);
  const wanted = indexesOf(model);
  return new Map(
    tablesWithRows(model).map((table) => [
      tables[table],
      {
        indexes: wanted
          .filter((index) => index.table === table)
          .map((index) => createIndex(generation, index)),
        statistics: `analyze ${tables[table]}`,
      },
    ]),
  );
}

const createIndex = (generation: string, { name, table, on }: ModelIndex): string =>
  `create index if not exists ${generation}_${name} on ${tablesOf(generation)[table]} ${on}`;

/** Tables that a model has, the largest first. */
function tablesWithRows(model: AnyReadModel): readonly ('history' | 'movements' | 'current' | 'streams')[] {
  return [
    'history',
    ...(model.movements ? (['movements'] as const) : []),
    'current',
    ...(model.manyStreams ? (['streams'] as const) : []),
  ];
}

/** Name of the index that the newest kind of a generation's tables has: where it is missing, older code made them. */
export const newestIndex = (generation: string): string => `${READ_SCHEMA}.${generation}_history_runs`;

/**
 * The statement that tells the planner what a generation's tables and the expressions of their indexes hold. The
 * server's autovacuum keeps it up from then on; until it comes by for the first time, a table that was filled at once
 * is taken for an empty one.
 */
export function gatherStatistics(model: AnyReadModel, generation: string): string {
  const tables = tablesOf(generation);
  const kept = tablesWithRows(model).map((table) => tables[table]);
  return `analyze ${kept.join(', ')}`;
}

/** The engine's own indexes, and the model's. */
function indexesOf(model: AnyReadModel): readonly ModelIndex[] {
  const picked = (model.pickedBy ?? []).map((field) => `, ${columnOf(field)}`).join('');
  return [
    { name: 'history_id', table: 'history', on: '(id, valid_from)' },
    { name: 'history_times', table: 'history', on: `(${TIME_PLACE}${picked}, valid_to, valid_from)` },
    {
      name: 'history_runs',
      table: 'history',
      on: `(${RUN_PLACE}${picked}, (${NEWEST_UNTIL}), opened_pos, valid_from)`,
    },
    ...(model.movements ? MOVEMENT_INDEXES : []),
    ...(model.indexes ?? []),
  ];
}

/** Indexes that generations had once, and whose work others do. */
const RETIRED_INDEXES: readonly string[] = ['history_ends', 'history_open', 'open'];

const MOVEMENT_INDEXES: readonly ModelIndex[] = [
  { name: 'movements_id', table: 'movements', on: '(id)' },
  { name: 'movements_at', table: 'movements', on: '(effective_at)' },
];

/** The statement that takes a generation's tables away. */
export function dropTables(generation: string): string {
  const { current, history, movements, streams } = tablesOf(generation);
  return `drop table if exists ${current}, ${history}, ${movements}, ${streams}`;
}

function columnList(columns: AnyReadModel['columns']): string {
  return Object.entries(columns)
    .map(([field, type]) => `${columnOf(field)} ${String(type)}`)
    .join(', ');
}
