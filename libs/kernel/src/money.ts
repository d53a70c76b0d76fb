import { invalid } from './errors';

/** An amount in integer minor units of an ISO 4217 currency: `{ amount: 1250000, currency: 'CNY' }` is 12,500.00 yuan. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** True for a currency code of ISO 4217. */
export const isCurrency = (code: unknown): code is string => typeof code === 'string' && currencies.has(code);

/** True for integer minor units of a known currency; a float or an amount past 2^53 is no money. */
export function isMoney(value: unknown): value is Money {
  if (typeof value !== 'object' || value === null || !('amount' in value && 'currency' in value))
    return false;
  const { amount, currency, ...rest } = value;
  return Number.isSafeInteger(amount) && isCurrency(currency) && Object.keys(rest).length === 0;
}

/** `{ amount, currency }` for integer minor units. */
export const money = (amount: number, currency: string): Money => ({ amount, currency });

/** Decimals of a currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD. */
export function minorUnits(currency: string): number {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
    .maximumFractionDigits;
  return digits ?? 2;
}

/**
 * Sum of amounts of one currency.
 * @throws DomainError `money.mixed-currencies`
 */
export function sumMoney(amounts: readonly Money[], currency: string): Money {
  let total = 0;
  for (const { amount, currency: other } of amounts) {
    if (other !== currency) {
      throw invalid('money.mixed-currencies', `amounts in ${currency} and ${other} cannot be added`, {
        currencies: [currency, other],
      });
    }
    total += amount;
  }
  return { amount: total, currency };
}
