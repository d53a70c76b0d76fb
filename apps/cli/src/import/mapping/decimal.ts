import { RowFault, shown } from '../types';
import type { Rounding } from './document';

/** An exact decimal: `units` divided by ten to the power of `scale`; 12.50 is 1250 with scale 2. */
export interface Decimal {
  readonly units: number;
  readonly scale: number;
}

const digitsAtMost = 15;
const currencySign = /^\p{Sc}\s*|\s*\p{Sc}$/u;

/**
 * Reads a number as written, without ever going through a binary fraction.
 * @throws RowFault `number`
 */
export function parseDecimal(text: string, decimal = '.', thousands = ''): Decimal {
  const plain = plainDecimal(text, decimal);
  if (plain) return plain;
  const bare = text
    .replace(/^-\s*(?=\p{Sc})/u, '-')
    .replace(/^(-?)\p{Sc}\s*/u, '$1')
    .replace(currencySign, '');
  const joined = thousands === '' ? bare : withoutThousands(bare, decimal, thousands);
  const found = joined === undefined ? undefined : plainDecimal(joined, decimal);
  if (found) return found;
  throw new RowFault('number', `${shown(text)} is not a number written with "${decimal}" for decimals`);
}

/** Separators must stand before three digits each, so that 1,5 is never read as 15. */
function withoutThousands(text: string, decimal: string, thousands: string): string | undefined {
  const [whole = '', ...rest] = text.split(decimal);
  const [first = '', ...groups] = whole.split(thousands);
  if (groups.some((group) => group.length !== 3) || (groups.length > 0 && !/^[+-]?\d{1,3}$/.test(first)))
    return undefined;
  return [first + groups.join(''), ...rest].join(decimal);
}

function plainDecimal(text: string, decimal: string): Decimal | undefined {
  const sign = text.charCodeAt(0);
  const point = decimal.charCodeAt(0);
  let units = 0;
  let digits = 0;
  let scale = -1;
  for (let at = sign === 45 || sign === 43 ? 1 : 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) {
      units = units * 10 + code - 48;
      if (units > 0) digits += 1;
      if (scale >= 0) scale += 1;
    } else if (code === point && scale < 0 && at + 1 < text.length) scale = 0;
    else return undefined;
  }
  if (digits > digitsAtMost || text.length === 0 || (units === 0 && !/\d/.test(text))) return undefined;
  return { units: sign === 45 && units > 0 ? -units : units, scale: Math.max(scale, 0) };
}

/** The nearest double of a decimal. */
export const toNumber = ({ units, scale }: Decimal): number => units / 10 ** scale;

/**
 * The product, exactly, in units of ten to the minus `scale`, rounded once.
 * @throws RowFault `number.range` past 2^53
 */
export function multiply(a: Decimal, b: Decimal, scale: number, rounding: Rounding): number {
  const units = a.units * b.units;
  return Number.isSafeInteger(units)
    ? rescale({ units, scale: a.scale + b.scale }, scale, rounding)
    : inRange(rescaleLarge(BigInt(a.units) * BigInt(b.units), a.scale + b.scale - scale, rounding));
}

/** A decimal in units of ten to the minus `scale`. */
export function rescale(decimal: Decimal, scale: number, rounding: Rounding): number {
  const drop = decimal.scale - scale;
  if (drop === 0 || decimal.units === 0) return decimal.units + 0;
  if (drop < 0) return inRange(decimal.units * 10 ** -drop);
  if (drop > digitsAtMost) return inRange(rescaleLarge(BigInt(decimal.units), drop, rounding));
  const divisor = 10 ** drop;
  const rest = decimal.units % divisor;
  const kept = (decimal.units - rest) / divisor;
  return kept + roundsUp(kept, Math.abs(rest) * 2 - divisor, rounding) * Math.sign(decimal.units);
}

function rescaleLarge(units: bigint, drop: number, rounding: Rounding): number {
  if (drop <= 0) return Number(units * 10n ** BigInt(-drop));
  const divisor = 10n ** BigInt(drop);
  const rest = units % divisor;
  const kept = Number((units - rest) / divisor);
  const twice = (rest < 0n ? -rest : rest) * 2n;
  return (
    kept + roundsUp(kept, twice > divisor ? 1 : twice < divisor ? -1 : 0, rounding) * (units < 0n ? -1 : 1)
  );
}

/** @param overHalf positive when the dropped part is more than a half, 0 when it is exactly one */
function roundsUp(kept: number, overHalf: number, rounding: Rounding): 0 | 1 {
  if (rounding === 'down' || overHalf < 0) return 0;
  return overHalf > 0 || rounding === 'half-up' || kept % 2 !== 0 ? 1 : 0;
}

function inRange(units: number): number {
  if (Number.isSafeInteger(units)) return units + 0;
  throw new RowFault('number.range', 'the amount is too large to be exact');
}
