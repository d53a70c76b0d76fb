import { ImportFailure, RowFault, type JsonValue } from '../types';
import { dealLine, purchaseLine, type FieldContract } from './contract';
import { multiply, toNumber } from './decimal';
import type { MappingDocument } from './document';
import { amountScale, compileDecimal, compileField, currencyOf, type Compilation } from './fields';
import type { Expression } from './expression';
import { compileReader, type Fields } from './read';

/** The line of a purchase or deal that a row gives. */
export type LineReader = (row: Fields) => JsonValue;

/** @throws ImportFailure `mapping.required`, `mapping.field` */
export function compileLine({ kind, lines }: MappingDocument, to: Compilation): LineReader | undefined {
  if (kind === 'purchases') return compilePurchaseLine(lines ?? new Map(), to);
  if (kind === 'deals' && lines) return compilePlain(lines, dealLine, to);
  return undefined;
}

type Expressions = NonNullable<MappingDocument['lines']>;

function checkNames(lines: Expressions, contract: Readonly<Record<string, FieldContract>>): void {
  const unknown = [...lines.keys()].find((name) => !Object.hasOwn(contract, name));
  if (unknown !== undefined) {
    throw new ImportFailure(
      'mapping.field',
      `lines.${unknown}: no such field; a line has ${Object.keys(contract).join(', ')}`,
    );
  }
  const missing = Object.keys(contract).find((name) => contract[name]?.required && !lines.has(name));
  if (missing !== undefined) throw new ImportFailure('mapping.required', `lines.${missing} is missing`);
}

function compilePlain(
  lines: Expressions,
  contract: Readonly<Record<string, FieldContract>>,
  to: Compilation,
): LineReader {
  checkNames(lines, contract);
  const readers = [...lines].map(
    ([name, expression]) => [name, compileField(expression, contract[name] ?? { type: 'text' }, to)] as const,
  );
  return (row) => {
    const line: Record<string, JsonValue> = {};
    for (const [name, read] of readers) {
      const value = read(row, []);
      if (value !== undefined) line[name] = value;
    }
    return line;
  };
}

/** Each line's revenue is price times quantity, rounded once; the purchase is the sum of its rounded lines. */
function compilePurchaseLine(lines: Expressions, to: Compilation): LineReader {
  checkNames(lines, purchaseLine);
  if (lines.has('revenue') === lines.has('price')) {
    throw new ImportFailure('mapping.required', 'lines needs either revenue or price (times quantity)');
  }
  currencyOf('lines', to.notation);
  const decimal = (name: string, required: boolean): ReturnType<typeof compileDecimal> | undefined => {
    const expression = lines.get(name);
    return expression && compileDecimal(expression, required, to);
  };
  const productOf = compileReader(expressionOf(lines, 'product'), to.columns, true);
  const productColumn = lines.get('product')?.columns[0];
  const quantityOf = compileDecimal(expressionOf(lines, 'quantity'), true, to);
  const promotion = lines.get('onPromotion');
  const promotionOf = promotion && compileField(promotion, { type: 'boolean' }, to);
  const amounts = [
    amountOf('revenue', decimal('revenue', true), false, to),
    amountOf('revenue', decimal('price', true), true, to),
    amountOf('costOfGoods', decimal('costOfGoods', false), false, to),
    amountOf('costOfGoods', decimal('unitCost', false), true, to),
  ].filter((each) => each !== undefined);
  return (row) => {
    const product = productOf(row, []);
    if (product === '') throw new RowFault('required', 'product is missing', productColumn);
    const quantity = quantityOf(row) ?? one;
    const line: Record<string, JsonValue> = { product, quantity: toNumber(quantity) };
    for (const set of amounts) set(row, quantity, line);
    const onPromotion = promotionOf?.(row, []);
    if (onPromotion !== undefined) line['onPromotion'] = onPromotion;
    return line;
  };
}

/** @throws ImportFailure `mapping.required` */
function expressionOf(lines: Expressions, name: string): Expression {
  const expression = lines.get(name);
  if (expression) return expression;
  throw new ImportFailure('mapping.required', `lines.${name} is missing`);
}

type Exact = NonNullable<ReturnType<ReturnType<typeof compileDecimal>>>;
const one: Exact = { units: 1, scale: 0 };

function amountOf(
  field: string,
  read: ReturnType<typeof compileDecimal> | undefined,
  timesQuantity: boolean,
  { notation }: Compilation,
): ((row: Fields, quantity: Exact, line: Record<string, JsonValue>) => void) | undefined {
  if (!read) return undefined;
  const scale = amountScale('lines', notation);
  return (row, quantity, line) => {
    const value = read(row);
    if (!value) return;
    const money = { units: value.units, scale: value.scale + notation.scale };
    line[field] = multiply(money, timesQuantity ? quantity : one, scale, notation.rounding);
  };
}
