import type { Instant } from '@guanxi/kernel';
import { dayExists, invalidField, isInstant, parseInstant, plusMilliseconds } from '@guanxi/kernel';
import { IsOptional, ValidateBy } from 'class-validator';
import { DateTime } from 'luxon';

const isMoment = (value: unknown): boolean =>
  isInstant(value) || (typeof value === 'string' && dayExists(value));

/** An RFC 3339 date-time with offset, or a day, which stands for its start in UTC. */
export const IsMoment = (): PropertyDecorator =>
  ValidateBy({
    name: 'isMoment',
    constraints: [{ schema: { type: 'string', examples: ['2026-01-01', '2026-01-01T00:00:00+08:00'] } }],
    validator: {
      validate: isMoment,
      defaultMessage: () => 'must be a day as YYYY-MM-DD or an RFC 3339 date-time with an offset',
    },
  });

/** The period of a figure: from `from` on, up to but not including `to`. */
export class PeriodParameters {
  /** First moment of the period; a year before its end where left out. */
  @IsOptional() @IsMoment() readonly from?: string;
  /** First moment after the period; where left out it lasts up to and including the as-of moment. */
  @IsOptional() @IsMoment() readonly to?: string;
}

/** A period [from, to). */
export interface Period {
  readonly from: Instant;
  readonly to: Instant;
  /** The last moment that counts: just before `to`, and never after the as-of moment. */
  readonly end: Instant;
}

/**
 * The period that a query names.
 * @throws DomainError `input.invalid` when it ends before it begins
 */
export function periodOf({ from, to }: PeriodParameters, asOf: Instant): Period {
  const end = to === undefined ? asOf : momentOf(to, 'to');
  const start = from === undefined ? monthsBefore(end, 12) : momentOf(from, 'from');
  if (start >= end) throw invalidField('to', 'afterFrom', `must lie after from, which is ${start}`);
  if (to === undefined) return { from: start, to: end, end };
  return periodBetween(start, end, asOf);
}

/** The period of the same length before: as many whole months where it consists of such, else as many milliseconds. */
export function periodBefore({ from, to }: Period): Period {
  const months = wholeMonths(from, to);
  const start =
    months === undefined
      ? plusMilliseconds(from, Date.parse(from) - Date.parse(to))
      : monthsBefore(from, months);
  return periodBetween(start, from, from);
}

/** The same period a year earlier. */
export const yearBefore = ({ from, to }: Period): Period =>
  periodBetween(monthsBefore(from, 12), monthsBefore(to, 12), from);

/** SQL for movements that count in the period, under an alias. */
export const during = ({ from, end }: Period, alias: string): string =>
  `${alias}.effective_at >= '${from}'::timestamptz and ${alias}.effective_at <= '${end}'::timestamptz`;

function periodBetween(from: Instant, to: Instant, asOf: Instant): Period {
  const last = plusMilliseconds(to, -1);
  return { from, to, end: last < asOf ? last : asOf };
}

/** The moment that a parameter names. @param field its name, for the error */
export const momentOf = (text: string, field: string): Instant =>
  parseInstant(text.length === 10 ? `${text}T00:00:00Z` : text, field);

const inUtc = (instant: Instant): DateTime => DateTime.fromISO(instant, { zone: 'utc' });

/** The same moment of an earlier month; the first of all moments where there is none so early. */
function monthsBefore(instant: Instant, months: number): Instant {
  const milliseconds = inUtc(instant).minus({ months }).toMillis() - Date.parse(instant);
  return plusMilliseconds(instant, milliseconds);
}

function wholeMonths(from: Instant, to: Instant): number | undefined {
  const months = inUtc(to).diff(inUtc(from), 'months').months;
  return from.endsWith('-01T00:00:00.000Z') && Number.isInteger(months) ? months : undefined;
}
