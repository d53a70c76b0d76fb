import type { Instant } from '@guanxi/kernel';
import type { ElementType } from '@guanxi/pg-arrays';
import { UnstorableValue, arrayOf, instantOfText } from '@guanxi/pg-arrays';
import type { CustomTypesConfig } from 'pg';
import { types as pgTypes } from 'pg';
import type { AnyReadModel, ColumnType } from './read-model';
import { columnOf } from './read-model';
import type { CurrentVersion } from './versions';

const OID = { int8: 20, numeric: 1700, date: 1082, timestamptz: 1184 } as const;

/** Reads PostgreSQL values as read models know them: instants as text, counts and minor units as numbers. */
export const readTypes: CustomTypesConfig = {
  getTypeParser: ((oid: number) => {
    switch (oid) {
      case OID.int8:
      case OID.numeric:
        return Number;
      case OID.date:
        return (text: string) => text;
      case OID.timestamptz:
        return instantOfText;
      default:
        return pgTypes.getTypeParser(oid, 'text') as (text: string) => unknown;
    }
  }) as CustomTypesConfig['getTypeParser'],
};

/** A column by name. */
export interface NamedColumn {
  readonly name: string;
  readonly type: ColumnType;
}

export type ColumnList = readonly NamedColumn[];

/** Which field of a row goes into which column. */
export type FieldColumns = readonly (NamedColumn & { readonly field: string })[];

/** The fields of a set of columns, each with its column. */
export const fieldColumns = (columns: AnyReadModel['columns']): FieldColumns =>
  Object.entries(columns).map(([field, type]) => ({ field, name: columnOf(field), type }));

/** Rows for one statement, gathered by column; a column's values travel as one array. */
export class Rows {
  /** The columns' names, for the statement. */
  readonly names: string;
  /**
   * `(select unnest($1::uuid[]), …)`: the rows as the statement's source. Unlike `from unnest($1, …)`, which has every
   * array written out into a store of its own first, this hands on row by row.
   */
  readonly source: string;
  /** What to select from the source, so that each value has its column's type. */
  readonly selection: string;
  private readonly columns: ColumnList;
  private readonly values: unknown[][];

  /**
   * @param fields columns that show a row's fields; before them stands the key as `id`
   * @param own the engine's own columns behind them
   */
  constructor(
    private readonly fields: FieldColumns,
    own: ColumnList,
  ) {
    this.columns = [{ name: 'id', type: 'uuid' }, ...fields, ...own];
    this.names = this.columns.map(({ name }) => name).join(', ');
    this.source = `(select ${this.columns.map(({ type }, index) => `unnest($${index + 1}::${elementOf(type)}[])`).join(', ')})`;
    this.selection = this.columns
      .map(({ name, type }) => (type === elementOf(type) ? name : `${name}::${type}`))
      .join(', ');
    this.values = this.columns.map(() => []);
  }

  get count(): number {
    return this.values[0]?.length ?? 0;
  }

  /**
   * Adds a row. Plain loops, because batches of any shape of row come through here.
   * @param own values of the engine's own columns
   */
  add(id: string, row: object, own: readonly unknown[]): void {
    const values = row as Readonly<Record<string, unknown>>;
    let column = 0;
    this.values[column]?.push(id);
    for (const { field } of this.fields) this.values[++column]?.push(values[field]);
    for (const value of own) this.values[++column]?.push(value);
  }

  /** @throws UnstorableValue when a value does not fit its column */
  parameters(): Buffer[] {
    return this.columns.map(({ name, type }, index) => {
      const values = this.values[index] ?? [];
      try {
        return arrayOf(elementOf(type), type === 'text[]' ? values.map(arrayLiteral) : values);
      } catch (error) {
        throw error instanceof UnstorableValue ? new UnstorableValue(`${name}: ${error.message}`) : error;
      }
    });
  }
}

/** Lists differ in length, which elements of one array may not: they travel as text. */
const elementOf = (type: ColumnType): ElementType => (type === 'text[]' ? 'text' : type);

function arrayLiteral(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return `{${value.map((item) => `"${String(item).replace(/["\\]/g, '\\$&')}"`).join()}}`;
}

/** A current row read in array mode: id, the model's fields, valid_from, opened_pos, last_at. */
export function currentOf(
  fields: FieldColumns,
  values: readonly unknown[],
): { readonly key: string; readonly current: CurrentVersion; readonly lastAt: Instant } {
  const row: Record<string, unknown> = {};
  fields.forEach(({ field }, index) => {
    row[field] = values[index + 1] ?? undefined;
  });
  const [validFrom, openedPos, lastAt] = values.slice(fields.length + 1) as [Instant, number, Instant];
  return { key: String(values[0]), current: { row, validFrom, openedPos: BigInt(openedPos) }, lastAt };
}
