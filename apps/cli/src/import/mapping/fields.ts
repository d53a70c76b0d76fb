import { isCurrency, minorUnits } from '@guanxi/kernel';
import { ImportFailure, RowFault, shown, type JsonValue } from '../types';
import type { Columns } from './columns';
import type { FieldContract, FieldType } from './contract';
import { multiply, parseDecimal, rescale, toNumber, type Decimal } from './decimal';
import type { Notation } from './document';
import type { Expression } from './expression';
import type { Identities } from './identity';
import { earlier, instantReader } from './instant';
import { compileReader, inColumn, listed, type Fields } from './read';

/** What compiling a mapping for one file needs everywhere. */
export interface Compilation {
  readonly columns: Columns;
  readonly notation: Notation;
  readonly identities: Identities;
}

/** The value of a field in a row, or undefined when the row has none. */
export type FieldReader = (row: Fields, assumed: string[]) => JsonValue | undefined;

/** @throws ImportFailure `mapping.currency` */
export function compileField(expression: Expression, contract: FieldContract, to: Compilation): FieldReader {
  const required = expression.required ?? contract.required ?? false;
  const read = compileReader(expression, to.columns, required);
  const convert = converter(contract.type, expression, to);
  const column = expression.columns[0];
  const name = expression.path.slice(expression.path.lastIndexOf('.') + 1);
  const minus = expression.minus && contract.type === 'instant' ? compileMinus(expression, to) : undefined;
  return (row, assumed) => {
    const text = read(row, assumed);
    if (text !== '') {
      const value = inColumn(column, () => convert(text));
      return minus && typeof value === 'string' ? minus(value, row) : value;
    }
    if (required) throw new RowFault('required', `${name} is missing`, column);
    return undefined;
  };
}

/** The exact decimal of a field, for products of two columns. */
export function compileDecimal(
  expression: Expression,
  required: boolean,
  to: Compilation,
): (row: Fields) => Decimal | undefined {
  const read = compileReader(expression, to.columns, required);
  const { decimal, thousands } = numberStyle(expression, to.notation);
  const column = expression.columns[0];
  return (row) => {
    const text = read(row, []);
    if (text !== '') return inColumn(column, () => parseDecimal(text, decimal, thousands));
    if (required) throw new RowFault('required', 'a number is missing', column);
    return undefined;
  };
}

function compileMinus(
  expression: Expression,
  { columns, notation }: Compilation,
): (at: string, row: Fields) => string {
  const { column = '', unit = 'days' } = expression.minus ?? {};
  const index = columns.index(column, true);
  return (at, row) => {
    const text = row[index]?.trim() ?? '';
    const count = inColumn(column, () => toNumber(parseDecimal(text)));
    if (!Number.isInteger(count) || Math.abs(count) > 100_000) {
      throw new RowFault('number', `${shown(text)} is no whole number of ${unit}`, column);
    }
    return iso(earlier(Date.parse(at), count, unit, notation.timeZone));
  };
}

const iso = (instant: number): string => new Date(instant).toISOString();

const numberStyle = (expression: Expression, notation: Notation): { decimal: string; thousands: string } => ({
  decimal: expression.decimal ?? notation.decimal,
  thousands: expression.thousands ?? notation.thousands,
});

function converter(type: FieldType, expression: Expression, to: Compilation): (text: string) => JsonValue {
  if (typeof type === 'object') return 'ref' in type ? referTo(type, to) : oneOf(type.oneOf);
  const { notation } = to;
  const { decimal, thousands } = numberStyle(expression, notation);
  switch (type) {
    case 'text':
      return (text) => text;
    case 'texts':
      return (text) => splitText(text, expression.split ?? ',');
    case 'boolean':
      return booleanReader(expression);
    case 'instant': {
      const read = instantReader(expression.format ?? notation.dateFormat, notation.timeZone);
      return (text) => iso(read(text));
    }
    case 'number':
    case 'whole': {
      const times = expression.times === undefined ? 1 : toNumber(parseDecimal(expression.times));
      return (text) => {
        const number = toNumber(parseDecimal(text, decimal, thousands)) * times;
        if (type === 'number' || Number.isInteger(number)) return number;
        throw new RowFault('number.whole', `${shown(text)} is no whole number`);
      };
    }
    case 'amount':
      return amountReader(expression, notation);
    case 'money': {
      const amount = amountReader(expression, notation);
      const currency = currencyOf(expression.path, notation);
      return (text) => ({ amount: amount(text), currency });
    }
  }
}

/** @throws ImportFailure `mapping.currency` */
export function currencyOf(path: string, { currency }: Notation): string {
  if (currency !== undefined && isCurrency(currency)) return currency;
  throw new ImportFailure('mapping.currency', `currency is missing: ${path} is an amount of money`);
}

/** Decimals of the unit in which amounts are sent. */
export const amountScale = (path: string, notation: Notation): number =>
  minorUnits(currencyOf(path, notation));

function amountReader(expression: Expression, notation: Notation): (text: string) => number {
  const { decimal, thousands } = numberStyle(expression, notation);
  const scale = amountScale(expression.path, notation);
  const times = expression.times === undefined ? undefined : parseDecimal(expression.times);
  return (text) => {
    const written = parseDecimal(text, decimal, thousands);
    const value = { units: written.units, scale: written.scale + notation.scale };
    return times
      ? multiply(value, times, scale, notation.rounding)
      : rescale(value, scale, notation.rounding);
  };
}

function referTo(
  { ref }: Extract<FieldType, { ref: unknown }>,
  { identities }: Compilation,
): (text: string) => string {
  return (text) => identities.idOf(ref, text);
}

function oneOf(options: readonly string[]): (text: string) => string {
  const known = new Set(options);
  return (text) => listed(text, known);
}

const splitText = (text: string, separator: string): string[] =>
  text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');

function booleanReader({ yes, no }: Expression): (text: string) => boolean {
  const trues = new Set((yes ?? ['true', 'yes', 'y', '1']).map((word) => word.toLowerCase()));
  const falses = new Set((no ?? ['false', 'no', 'n', '0']).map((word) => word.toLowerCase()));
  return (text) => {
    const word = text.toLowerCase();
    if (trues.has(word)) return true;
    if (falses.has(word)) return false;
    throw new RowFault(
      'boolean',
      `${shown(text)} is neither ${[...trues].join('/')} nor ${[...falses].join('/')}`,
    );
  };
}
