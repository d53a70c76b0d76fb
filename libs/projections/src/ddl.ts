import type { AnyReadModel } from './read-model';
import { columnOf, tablesOf } from './read-model';

/** Stands for "not closed" and "not superseded" in position columns: the largest bigint. */
export const NEVER = 9223372036854775807n;

/**
 * The statements that make a read model's tables.
 *
 * `current` holds the row of now of each key and is read like a plain table. `history` holds closed and
 * superseded versions. A version answers for (asOf t, known position p) when
 * `opened_pos <= p < superseded_pos`, `valid_from <= t`, and `valid_to > t` or its end was learned after p.
 */
export function createTables(model: AnyReadModel): readonly string[] {
  const tables = tablesOf(model);
  const columns = columnList(model.columns);
  const short = tables.current.slice(tables.current.indexOf('.') + 1);
  const statements = [
    `create table if not exists ${tables.current} (
       id uuid primary key, ${columns},
       valid_from timestamptz not null, opened_pos bigint not null, last_at timestamptz not null)`,
    `create table if not exists ${tables.history} (
       id uuid not null, ${columns},
       valid_from timestamptz not null, valid_to timestamptz not null,
       opened_pos bigint not null, closed_pos bigint not null, superseded_pos bigint not null)`,
    `create index if not exists ${short}_history_id on ${tables.history} (id, valid_from)`,
    `create index if not exists ${short}_history_ends on ${tables.history} (valid_to, valid_from)
       where superseded_pos = ${NEVER}`,
  ];
  if (model.movements) {
    statements.push(
      `create table if not exists ${tables.movements} (
         id uuid not null, ${columnList(model.movements.columns)},
         effective_at timestamptz not null, known_pos bigint not null, superseded_pos bigint not null)`,
      `create index if not exists ${short}_movements_id on ${tables.movements} (id)`,
      `create index if not exists ${short}_movements_at on ${tables.movements} (effective_at)`,
    );
  }
  if (model.manyStreams) {
    statements.push(
      `create table if not exists ${tables.streams} (
         id uuid not null, stream text not null, noted_pos bigint not null, primary key (id, stream))`,
    );
  }
  return [...statements, ...(model.indexes?.(tables) ?? [])];
}

/** Statements that take a read model's tables away. */
export function dropTables(model: AnyReadModel): string {
  const { current, history, movements, streams } = tablesOf(model);
  return `drop table if exists ${current}, ${history}, ${movements}, ${streams}`;
}

function columnList(columns: AnyReadModel['columns']): string {
  return Object.entries(columns)
    .map(([field, type]) => `${columnOf(field)} ${String(type)}`)
    .join(', ');
}
