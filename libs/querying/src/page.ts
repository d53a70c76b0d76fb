import { invalidField } from '@guanxi/kernel';
import type { ColumnType, Snapshot } from '@guanxi/projections';
import type { Cursor } from './cursor';
import { fingerprintOf, readCursor, writeCursor } from './cursor';
import type { Filters } from './filters';
import type { ListParameters } from './list-parameters';

/** A column by which a list can be sorted. */
export interface SortColumn {
  readonly column: string;
  readonly type: Exclude<ColumnType, 'jsonb' | 'text[]'>;
}

/** What a list is made of; all but the filters' values is SQL of ours. */
export interface PageQuery {
  /** What stands behind `from`, joins included. */
  readonly from: string;
  /** What stands behind `select`: `d.id, d.stage as "stage"`. */
  readonly select: string;
  readonly filters: Filters;
  /** Names that `sort` may take. */
  readonly sortable: Readonly<Record<string, SortColumn>>;
  /** A name of `sortable`, `-` before it for descending. */
  readonly defaultSort: string;
  readonly parameters: ListParameters;
  /** UUID column that makes the order unambiguous; `id` where not said. */
  readonly idColumn?: string;
}

/** One page of a list. */
export interface Page<Row> {
  readonly items: readonly Row[];
  /** Cursor of the page behind it; null on the last one. */
  readonly nextCursor: string | null;
}

interface Keys {
  readonly '@id': string;
  readonly '@sort': string | null;
}

/**
 * One page of a list by keyset: each page costs the same however far back it lies, and rows that come in
 * meanwhile shift nothing. Rows without a value come last in either direction; equal ones are ordered by id.
 * @throws DomainError `input.invalid` for a field that cannot be sorted by, `cursor.*` for a cursor that does not fit
 */
export async function page<Row extends object>(snapshot: Snapshot, query: PageQuery): Promise<Page<Row>> {
  const { filters, parameters, idColumn = 'id' } = query;
  const sort = sortOf(query);
  const fingerprint = fingerprintOf([sort.name, filters.where(), filters.values, snapshot.moment.asOf]);
  const cursor =
    parameters.cursor === undefined ? null : readCursor(parameters.cursor, fingerprint, sort.type);
  const values = [...filters.values];
  const behind = cursor === null ? 'true' : keyset(sort, idColumn, cursor, values);
  const rows = await snapshot.rows<Row & Keys>(
    `select ${query.select}, ${idColumn}::text as "@id", ${sort.column}::text as "@sort"
       from ${query.from}
      where ${filters.where()} and ${behind}
      order by ${sort.column} ${sort.descending ? 'desc' : 'asc'} nulls last, ${idColumn}
      limit ${parameters.limit + 1}`,
    values,
  );
  const shown = rows.slice(0, parameters.limit);
  const last = rows.length > shown.length ? shown.at(-1) : undefined;
  const nextCursor = last ? writeCursor({ value: last['@sort'], id: last['@id'] }, fingerprint) : null;
  return { items: shown.map(withoutKeys), nextCursor };
}

interface Sort extends SortColumn {
  readonly name: string;
  readonly descending: boolean;
}

function sortOf({ sortable, defaultSort, parameters }: PageQuery): Sort {
  const name = parameters.sort ?? defaultSort;
  const descending = name.startsWith('-');
  const field = descending ? name.slice(1) : name;
  const column = Object.hasOwn(sortable, field) ? sortable[field] : undefined;
  if (column === undefined) {
    throw invalidField(
      'sort',
      'isIn',
      `must be one of ${Object.keys(sortable).join(', ')}, with - before it for descending`,
    );
  }
  return { ...column, name, descending };
}

/** The condition that a row lies behind the cursor; adds its parameters to `values`. */
function keyset(
  { column, type, descending }: Sort,
  idColumn: string,
  { value, id }: Cursor,
  values: unknown[],
): string {
  const idParameter = `$${values.push(id)}::uuid`;
  if (value === null) return `${column} is null and ${idColumn} > ${idParameter}`;
  const parameter = `$${values.push(value)}::${type}`;
  const further = descending ? '<' : '>';
  // Written so that an index on the column bounds the scan from the cursor on.
  return `(${column} ${further}= ${parameter} or ${column} is null)
          and (${column} is distinct from ${parameter} or ${idColumn} > ${idParameter})`;
}

/** The rows are this call's own: taking two fields off costs less than a copy of each. */
function withoutKeys<Row extends object>(row: Row & Keys): Row {
  Reflect.deleteProperty(row, '@id');
  Reflect.deleteProperty(row, '@sort');
  return row;
}
