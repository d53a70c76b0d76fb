import { RowFault, shown } from '../types';
import type { Columns } from './columns';
import { parseDecimal, toNumber } from './decimal';
import type { Condition, Expression } from './expression';

export type Fields = readonly string[];
/** The text that an expression finds in a row, trimmed; empty when there is none. Names what it had to assume. */
export type Reader = (row: Fields, assumed: string[]) => string;
export type Test = (row: Fields) => boolean;

/** Compiles an expression to a closure over column positions. */
export function compileReader(expression: Expression, columns: Columns, required: boolean): Reader {
  const found = withTables(source(expression, columns, required && !expression.fallback), expression);
  const complete = withFallback(found, expression, columns);
  if (!expression.when) return complete;
  const applies = compileCondition(expression.when, columns);
  return (row, assumed) => (applies(row) ? complete(row, assumed) : '');
}

export function compileCondition({ column, test }: Condition, columns: Columns): Test {
  const at = columns.index(column, true);
  return (row) => test(cell(row, at));
}

const cell = (row: Fields, at: number): string => row[at]?.trim() ?? '';

function source(expression: Expression, columns: Columns, required: boolean): (row: Fields) => string {
  const { constant } = expression;
  if (constant !== undefined) return () => constant;
  const places = expression.columns.map((name) => columns.index(name, required));
  const [only = 0] = places;
  if (places.length === 1) return (row) => cell(row, only);
  return (row) => {
    const texts = places.map((at) => cell(row, at));
    return texts.filter((text) => text !== '').join(expression.join);
  };
}

function withTables(read: (row: Fields) => string, expression: Expression): (row: Fields) => string {
  const { values, prefixes, bands, otherwise } = expression;
  if (values.size === 0 && prefixes.length === 0 && bands.length === 0) return read;
  return (row) => {
    const text = read(row);
    const listed = values.get(text);
    if (listed !== undefined || text === '') return listed ?? '';
    const prefix = prefixes.find(([start]) => text.startsWith(start));
    if (prefix) return prefix[1];
    if (bands.length > 0) return bandOf(text, expression) ?? otherwise ?? text;
    return otherwise ?? text;
  };
}

function bandOf(
  text: string,
  { bands, decimal, thousands, columns: [column] }: Expression,
): string | undefined {
  const number = inColumn(column, () => toNumber(parseDecimal(text, decimal, thousands)));
  return bands.find(([, most]) => number <= most)?.[0];
}

function withFallback(read: (row: Fields) => string, expression: Expression, columns: Columns): Reader {
  const { fallback, assume } = expression;
  if (!fallback) return read;
  const readFallback = compileReader(fallback, columns, false);
  return (row, assumed) => {
    const text = read(row);
    if (text !== '') return text;
    const instead = readFallback(row, assumed);
    if (instead !== '' && assume !== undefined) assumed.push(assume);
    return instead;
  };
}

/** Runs a conversion; a fault in it is told with the column it came from. */
export function inColumn<T>(column: string | undefined, convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (!(error instanceof RowFault) || error.column !== undefined || column === undefined) throw error;
    throw new RowFault(error.rule, error.message, column);
  }
}

/** A value that must be one of a few. */
export function listed(text: string, options: ReadonlySet<string>): string {
  if (options.has(text)) return text;
  throw new RowFault('value.not-listed', `${shown(text)} is none of ${[...options].join(', ')}`);
}
