import type { Money } from '@guanxi/kernel';
import { invalid, minorUnits } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { ratesInForce } from '@guanxi/steering';

/** No currency: the code of ISO 4217 for amounts where none is involved. */
const NO_CURRENCY = 'XXX';

/** How amounts of a query become amounts of one currency. */
export interface Conversion {
  /** SQL factor for `d.currency`. */
  readonly factor: string;
  readonly currency: string | undefined;
}

/**
 * SQL that converts minor units of any currency for which a rate is known at the as-of moment. Without a target
 * nothing is converted, and `oneCurrency` refuses the sum if it turns out to mix.
 */
export async function conversion(snapshot: Snapshot, target: string | undefined): Promise<Conversion> {
  if (target === undefined) return { factor: '1', currency: undefined };
  const rates = await snapshot.rows<{ base: string; quote: string; rate: number }>(
    `select base, quote, rate from ${ratesInForce(snapshot)} r where $1 in (base, quote)`,
    [target],
  );
  const cases = rates.map(({ base, quote, rate }) => {
    const other = base === target ? quote : base;
    const perUnit = base === target ? 1 / rate : rate;
    return `when '${other}' then ${perUnit * 10 ** (minorUnits(target) - minorUnits(other))}`;
  });
  return { factor: `(case d.currency when '${target}' then 1 ${cases.join(' ')} end)`, currency: target };
}

/** What a query found of currencies: the lowest and highest code, and how many rows have no rate. */
export interface CurrenciesFound {
  readonly lowest: string | null;
  readonly highest: string | null;
  readonly unconverted: number;
}

/**
 * The one currency of an answer.
 * @throws DomainError `currency.ambiguous`, `exchange-rate.missing`
 */
export function oneCurrency(
  { lowest, highest, unconverted }: CurrenciesFound,
  conversion: Conversion,
): string {
  if (conversion.currency === undefined) {
    if (lowest !== highest) {
      throw invalid(
        'currency.ambiguous',
        `amounts in ${lowest} and ${highest}: name the currency of the answer`,
        {
          field: 'currency',
        },
      );
    }
    return lowest ?? NO_CURRENCY;
  }
  if (unconverted > 0) {
    throw invalid(
      'exchange-rate.missing',
      `no rate to ${conversion.currency} is recorded for every currency`,
      {
        field: 'currency',
        currency: conversion.currency,
        rows: unconverted,
      },
    );
  }
  return conversion.currency;
}

/** An amount that a query summed, rounded to whole minor units. */
export const amount = (sum: number | null, currency: string): Money => ({
  amount: Math.round(sum ?? 0),
  currency,
});
