import type { Instant } from '@guanxi/kernel';
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
        return instantText;
      default:
        return pgTypes.getTypeParser(oid, 'text') as (text: string) => unknown;
    }
  }) as CustomTypesConfig['getTypeParser'],
};

/** A timestamptz in the text form of a session in UTC, as an instant. */
function instantText(text: string): string {
  return new Date(text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00')).toISOString();
}

/** Turns rows into JSON that PostgreSQL reads as records, and names the columns in that order. */
export interface RecordSet {
  readonly names: readonly string[];
  /** `name type, …` for json_to_recordset. */
  readonly definition: string;
}

/** Column names and record definition of a set of columns followed by the engine's own. */
export function recordSet(
  columns: AnyReadModel['columns'],
  own: Readonly<Record<string, ColumnType>>,
): RecordSet {
  const all: [string, ColumnType][] = [
    ['id', 'uuid'],
    ...Object.entries(columns).map(([field, type]): [string, ColumnType] => [columnOf(field), type]),
    ...Object.entries(own),
  ];
  return {
    names: all.map(([name]) => name),
    definition: all.map(([name, type]) => `${name} ${type}`).join(', '),
  };
}

/** Which field of a row goes into which column. */
export type FieldColumns = readonly (readonly [field: string, column: string])[];

/** The fields of a set of columns, each with its column. */
export const fieldColumns = (columns: AnyReadModel['columns']): FieldColumns =>
  Object.keys(columns).map((field) => [field, columnOf(field)]);

/** A row's fields under their column names; empty ones are left out. */
export function toRecord(fields: FieldColumns, row: object): Record<string, unknown> {
  const values: Readonly<Record<string, unknown>> = { ...row };
  const record: Record<string, unknown> = {};
  for (const [field, column] of fields) {
    const value = values[field];
    if (value !== undefined) record[column] = value;
  }
  return record;
}

/** A current row read in array mode: id, the model's fields, valid_from, opened_pos, last_at. */
export function currentOf(
  fields: FieldColumns,
  values: readonly unknown[],
): { readonly key: string; readonly current: CurrentVersion; readonly lastAt: Instant } {
  const row: Record<string, unknown> = {};
  fields.forEach(([field], index) => {
    if (values[index + 1] !== null) row[field] = values[index + 1];
  });
  const [validFrom, openedPos, lastAt] = values.slice(fields.length + 1) as [Instant, number, Instant];
  return { key: String(values[0]), current: { row, validFrom, openedPos: BigInt(openedPos) }, lastAt };
}
