import { DateTime, IANAZone } from 'luxon';
import { RowFault, shown } from '../types';

/** Reads dates of one format in one zone. The answer is in epoch milliseconds. */
export type InstantReader = (text: string) => number;

const hour = 3_600_000;
const day = 24 * hour;
const remembered = 10_000;

/**
 * A reader for `ISO` or a format in Luxon's tokens. Local times that a clock change skips or repeats are taken as Luxon takes them.
 * @throws RowFault `date` for a text that is no such date
 */
export function instantReader(format: string, timeZone: string): InstantReader {
  const toInstant = zoned(timeZone);
  const numeric = format === 'ISO' ? isoReader(toInstant) : numericReader(format, toInstant);
  const read = numeric ?? luxonReader(format, timeZone);
  // Files repeat their dates: most rows find theirs here.
  const known = new Map<string, number>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const instant = read(text);
    if (instant === undefined)
      throw new RowFault('date', `${shown(text)} is not a date of the format ${format}`);
    if (known.size >= remembered) known.clear();
    known.set(text, instant);
    return instant;
  };
}

type ZonedReader = (text: string) => number | undefined;

const isoPattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

function isoReader(toInstant: (local: number) => number): ZonedReader {
  return (text) => {
    const parts = isoPattern.exec(text);
    if (!parts) return undefined;
    const [, y = '', m = '', d = '', h = '0', min = '0', s = '0', fraction = '', offset] = parts;
    const local = localTime(Number(y), Number(m), Number(d), Number(h), Number(min), Number(s));
    if (local === undefined) return undefined;
    const milliseconds = Math.trunc(Number(`0.${fraction || '0'}`) * 1000);
    return (offset === undefined ? toInstant(local) : local - offsetOf(offset)) + milliseconds;
  };
}

function offsetOf(text: string): number {
  if (text.toUpperCase() === 'Z') return 0;
  const digits = text.replace(/\D/g, '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (text.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** A clock time as if it were UTC, or undefined when no calendar has it. */
function localTime(y: number, m: number, d: number, h: number, min: number, s: number): number | undefined {
  if (m < 1 || m > 12 || h > 23 || min > 59 || s > 59 || y < 100) return undefined;
  const date = new Date(Date.UTC(y, m - 1, d, h, min, s));
  return date.getUTCDate() === d && date.getUTCMonth() === m - 1 ? date.getTime() : undefined;
}

const tokens: Readonly<Record<string, readonly [part: string, pattern: string]>> = {
  yyyy: ['y', '\\d{4}'],
  MM: ['m', '\\d\\d'],
  M: ['m', '\\d{1,2}'],
  dd: ['d', '\\d\\d'],
  d: ['d', '\\d{1,2}'],
  HH: ['h', '\\d\\d'],
  H: ['h', '\\d{1,2}'],
  mm: ['min', '\\d\\d'],
  ss: ['s', '\\d\\d'],
};

/** Formats of plain numbers are read by one pattern, some twenty times as fast as by Luxon; others give undefined. */
function numericReader(format: string, toInstant: (local: number) => number): ZonedReader | undefined {
  const parts: string[] = [];
  let pattern = '';
  for (const [piece] of format.matchAll(/([A-Za-z])\1*|[^A-Za-z]/g)) {
    const token = Object.hasOwn(tokens, piece) ? tokens[piece] : undefined;
    if (token === undefined && /[A-Za-z'']/.test(piece)) return undefined;
    if (token !== undefined && parts.includes(token[0])) return undefined;
    if (token !== undefined) parts.push(token[0]);
    pattern += token === undefined ? piece.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&') : `(${token[1]})`;
  }
  if (!['y', 'm', 'd'].every((part) => parts.includes(part))) return undefined;
  const matcher = new RegExp(`^${pattern}$`);
  const places = ['y', 'm', 'd', 'h', 'min', 's'].map((part) => parts.indexOf(part) + 1);
  return (text) => {
    const match = matcher.exec(text);
    if (!match) return undefined;
    const [y = 0, m = 0, d = 0, h = 0, min = 0, s = 0] = places.map((at) => (at > 0 ? Number(match[at]) : 0));
    const local = localTime(y, m, d, h, min, s);
    return local === undefined ? undefined : toInstant(local);
  };
}

function luxonReader(format: string, timeZone: string): ZonedReader {
  return (text) => {
    const date = DateTime.fromFormat(text, format, { zone: timeZone, locale: 'en' });
    return date.isValid ? date.toMillis() : undefined;
  };
}

/** Clock time to instant; the offset is looked up once a day, and once a value on days when the clock changes. */
function zoned(timeZone: string): (local: number) => number {
  if (timeZone === 'UTC') return (local) => local;
  const zone = IANAZone.create(timeZone);
  const exact = (local: number): number =>
    DateTime.fromISO(new Date(local).toISOString().slice(0, -1), { zone }).toMillis();
  const offsets = new Map<number, number | undefined>();
  return (local) => {
    const date = Math.floor(local / day);
    if (!offsets.has(date)) {
      const before = date * day - exact(date * day - hour) - hour;
      const after = (date + 1) * day - exact((date + 1) * day + hour) + hour;
      if (offsets.size >= remembered) offsets.clear();
      offsets.set(date, before === after ? before : undefined);
    }
    const offset = offsets.get(date);
    return offset === undefined ? exact(local) : local - offset;
  };
}

/** An instant so many days, months or years earlier by the calendar of a zone. */
export function earlier(
  instant: number,
  count: number,
  unit: 'days' | 'months' | 'years',
  timeZone: string,
): number {
  return DateTime.fromMillis(instant, { zone: timeZone })
    .minus({ [unit]: count })
    .toMillis();
}
