import type { Money } from '@guanxi/kernel';
import { currencyAmbiguous } from './churn-figures';

/** What a query found of currencies: the lowest and the highest code among its rows. */
export interface CurrenciesFound {
  readonly lowest: string | null;
  readonly highest: string | null;
}

/**
 * The one currency of an answer; none where there is no amount.
 * @throws DomainError `currency.ambiguous`
 */
export function oneCurrency(rows: readonly CurrenciesFound[]): string | undefined {
  const found = rows.flatMap(({ lowest, highest }) => [lowest, highest]);
  const codes = [...new Set(found.filter((code) => code !== null))].sort();
  if (codes.length > 1) throw currencyAmbiguous(codes);
  return codes[0];
}

/** An amount that a query summed; null where there is none. */
export const amountIn = (currency: string | undefined, sum: number | null): Money | null =>
  currency === undefined || sum === null ? null : { amount: sum, currency };
