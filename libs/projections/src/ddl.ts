import type { AnyReadModel, ModelIndex } from './read-model';
import { columnOf, tablesOf } from './read-model';

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

/** The statements that make a generation's indexes; a rebuild runs them when its rows are in. */
export function createIndexes(model: AnyReadModel, generation: string): readonly string[] {
  const tables = tablesOf(generation);
  return indexesOf(model).map(
    ({ name, table, on }) => `create index if not exists ${generation}_${name} on ${tables[table]} ${on}`,
  );
}

/** The engine's own indexes, and the model's. */
function indexesOf(model: AnyReadModel): readonly ModelIndex[] {
  return [
    { name: 'history_id', table: 'history', on: '(id, valid_from)' },
    {
      name: 'history_ends',
      table: 'history',
      on: `(valid_to, valid_from) where superseded_pos = ${NEVER}`,
    },
    ...(model.movements ? MOVEMENT_INDEXES : []),
    ...(model.indexes ?? []),
  ];
}

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
