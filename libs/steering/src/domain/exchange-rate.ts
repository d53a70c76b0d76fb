import type { Decider, Decision, EventOf } from '@guanxi/kernel';
import { conflict, event, invalidField } from '@guanxi/kernel';
import type { Static } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import { sameFields } from './fields';

const RATE = /^\d{1,12}(\.\d{1,8})?$/;

const RecordedRate = Type.Object({
  base: Type.String({ minLength: 3, maxLength: 3 }),
  quote: Type.String({ minLength: 3, maxLength: 3 }),
  rate: Type.String({ pattern: RATE.source }),
});

/** One unit of `base` costs `rate` units of `quote`; the rate is a decimal in text, so that none of it is lost. */
export type RecordedRate = Static<typeof RecordedRate>;

export const exchangeRateEvents = [event('exchange-rate-recorded.v1', RecordedRate)] as const;

export type ExchangeRateEvent = EventOf<typeof exchangeRateEvents>;

/** A recorded rate as decisions see it. */
export interface ExchangeRate {
  readonly recorded?: RecordedRate;
}

export const exchangeRateDecider: Decider<ExchangeRate, ExchangeRateEvent> = {
  initial: {},
  evolve: (_rate, happened) => {
    switch (happened.type) {
      case 'exchange-rate-recorded.v1':
        return { recorded: happened.data };
    }
  },
};

/** A rate as it may come in. */
export interface RateInput {
  readonly base: string;
  readonly quote: string;
  readonly rate: string | number;
}

/**
 * Notes the rate that is in force from the command's moment on.
 * @throws DomainError `exchange-rate.exists` when this id holds another rate
 */
export const recordExchangeRate =
  ({ base, quote, rate }: RateInput): Decision<ExchangeRate, ExchangeRateEvent> =>
  ({ recorded }) => {
    if (base === quote) throw invalidField('quote', 'other', 'quote must be another currency than base');
    const wanted = { base, quote, rate: decimalOf(rate) };
    if (recorded === undefined) return [{ type: 'exchange-rate-recorded.v1', data: wanted }];
    if (sameFields(recorded, wanted)) return [];
    throw conflict('exchange-rate.exists', 'this record holds another rate; a new rate is a new record');
  };

/** True for a number, or its text, above zero with 8 decimals at most. */
export const isRate = (value: unknown): value is string | number => textOf(value) !== undefined;

/** The shortest decimal text of a rate: `007.10` is `7.1`. */
function decimalOf(rate: string | number): string {
  const text = textOf(rate);
  if (text === undefined)
    throw invalidField('rate', 'isRate', 'rate must be above zero with 8 decimals at most');
  return text;
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? exactDecimal(value) : value;
  if (typeof text !== 'string' || !RATE.test(text) || !/[1-9]/.test(text)) return undefined;
  const [whole = '', fraction = ''] = text.split('.');
  const trimmed = fraction.replace(/0+$/, '');
  return `${whole.replace(/^0+(?=\d)/, '')}${trimmed === '' ? '' : `.${trimmed}`}`;
}

/** A number's decimal text, if eight decimals hold all of it. */
function exactDecimal(value: number): string | undefined {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e12) return undefined;
  const text = value.toFixed(8);
  return Number(text) === value ? text : undefined;
}
