import type { Instant } from '@guanxi/kernel';
import { idOf } from '@guanxi/kernel';
import type { ReadModel, Snapshot } from '@guanxi/projections';
import { selectList } from '@guanxi/projections';
import type { Page } from '@guanxi/querying';
import { Filters, IsCurrencyCode, ListParameters, page } from '@guanxi/querying';
import { IsOptional } from 'class-validator';
import type { ExchangeRateEvent } from '../domain/exchange-rate';
import { exchangeRateEvents } from '../domain/exchange-rate';
import { exchangeRateWords } from './exchange-rate-words';

/** A recorded rate: from `effectiveAt` on one unit of `base` costs `rate` units of `quote`, until the next record. */
export interface ExchangeRateRow {
  readonly base: string;
  readonly quote: string;
  readonly rate: number;
  readonly effectiveAt: Instant;
}

export const exchangeRates: ReadModel<ExchangeRateRow, ExchangeRateEvent, never> = {
  name: 'exchange_rates',
  words: exchangeRateWords,
  version: 1,
  types: exchangeRateEvents.map(({ type }) => type),
  keyOf: ({ stream }) => idOf(stream),
  columns: { base: 'text', quote: 'text', rate: 'double precision', effectiveAt: 'timestamptz' },
  evolve: (row, { data: { base, quote, rate }, at }) =>
    row ?? { base, quote, rate: Number(rate), effectiveAt: at },
  indexes: [{ name: 'pair', table: 'current', on: '(base, quote, effective_at)' }],
};

/**
 * SQL of the rates in force at the snapshot's moment, or at another one with the same knowledge: columns `base`,
 * `quote`, `rate`, at most one row a pair. Rates are between whole units, not minor units.
 */
export const ratesInForce = (snapshot: Snapshot, at?: Instant): string =>
  `(select distinct on (base, quote) base, quote, rate, effective_at
      from ${snapshot.of(exchangeRates, at)} recorded
     order by base, quote, effective_at desc, id desc)`;

export class ExchangeRateParameters extends ListParameters {
  @IsOptional() @IsCurrencyCode() readonly base?: string;
  @IsOptional() @IsCurrencyCode() readonly quote?: string;
}

type ExchangeRateItem = ExchangeRateRow & { readonly id: string };

/** One page of the recorded rates, the newest first. */
export const listExchangeRates = (
  snapshot: Snapshot,
  parameters: ExchangeRateParameters,
): Promise<Page<ExchangeRateItem>> =>
  page<ExchangeRateItem>(snapshot, {
    from: `${snapshot.of(exchangeRates)} r`,
    select: `r.id, ${selectList(exchangeRates.columns, 'r.')}`,
    filters: new Filters().equals('r.base', parameters.base).equals('r.quote', parameters.quote),
    sortable: { effectiveAt: { column: 'r.effective_at', type: 'timestamptz' } },
    defaultSort: '-effectiveAt',
    parameters,
    idColumn: 'r.id',
  });
