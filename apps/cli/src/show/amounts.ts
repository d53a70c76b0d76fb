import { isRecord } from '../import/types';

interface Money {
  readonly amount: number;
  readonly currency: string;
}

export const isMoney = (value: unknown): value is Money =>
  isRecord(value) && typeof value['amount'] === 'number' && typeof value['currency'] === 'string';

const decimals = new Map<string, number>();

/** Decimals of a currency's minor unit; 2 for a code that nobody knows. */
function decimalsOf(currency: string): number {
  const known = decimals.get(currency);
  if (known !== undefined) return known;
  let digits = 2;
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    // No code at all: what it looks like matters to nobody.
  }
  decimals.set(currency, digits);
  return digits;
}

/** ISO 4217's code for no currency: that of sums over nothing. */
const NO_CURRENCY = 'XXX';

/** Minor units as an amount of the currency: 1,250,000 fen are `12,500.00 CNY`; nothing in no currency is `0`. */
export function amountInWords({ amount, currency }: Money): string {
  if (currency === NO_CURRENCY && amount === 0) return '0';
  const digits = decimalsOf(currency);
  const value = amount / 10 ** digits;
  return `${value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${currency}`;
}

/** A share from 0 to 1: 0.0606 is `6.06 %`. */
export const percent = (share: number): string =>
  `${(share * 100).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })} %`;

export const number = (value: number, digits = 2): string =>
  value.toLocaleString('en', { maximumFractionDigits: digits });
