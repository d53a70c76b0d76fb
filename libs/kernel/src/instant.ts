import { invalid } from './errors';

declare const instantBrand: unique symbol;

/**
 * A moment in UTC with millisecond precision, always written `YYYY-MM-DDTHH:mm:ss.sssZ`,
 * so that comparing two instants is comparing two strings.
 */
export type Instant = string & { readonly [instantBrand]: true };

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

const WRITTEN_LENGTH = '2026-03-01T09:30:00.000Z'.length;

/** The first and the last moment that both an `Instant` and the database can hold. */
const FIRST = Date.parse('0001-01-01T00:00:00.000Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/** True for an RFC 3339 date-time of the years 1 to 9999 that carries its offset and names a day that exists. */
export function isInstant(text: unknown): text is string {
  if (typeof text !== 'string' || !RFC3339.test(text)) return false;
  if (isWritten(text)) return true;
  const time = Date.parse(text);
  if (Number.isNaN(time) || time < FIRST || time > LAST) return false;
  return dayExists(text.slice(0, 10));
}

/** The instant that was written last: the moment of a command is asked about several times, and those of one turn are the same. */
const last = { time: Number.NaN, text: '' };

/** True for an instant as it is written here, which most are. */
const isWritten = (text: string): boolean => {
  if (text === last.text) return true;
  if (text.length !== WRITTEN_LENGTH || !text.endsWith('Z') || text.startsWith('0000')) return false;
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString() === text;
};

/**
 * Reads an RFC 3339 date-time and turns it into UTC.
 * @param field the name that the error carries when the text is refused
 * @throws DomainError `instant.malformed` when the offset is missing or the day does not exist
 */
export function parseInstant(text: string, field = 'instant'): Instant {
  if (!isInstant(text)) {
    throw invalid(
      'instant.malformed',
      `${field} must be an RFC 3339 date-time with an offset, such as 2026-03-01T09:30:00+08:00`,
      {
        field,
      },
    );
  }
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- in the one form that instants have
  return isWritten(text) ? (text as Instant) : instantOf(new Date(text));
}

/** The instant of a `Date`, cut to milliseconds. */
export function instantOf(date: Date): Instant {
  const time = date.getTime();
  if (time !== last.time) {
    last.text = date.toISOString();
    last.time = time;
  }
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- the one place where the brand is given
  return last.text as Instant;
}

/** `instant` moved by a number of milliseconds (negative: back), but not out of the years 1 to 9999. */
export function plusMilliseconds(instant: Instant, milliseconds: number): Instant {
  return instantOf(new Date(Math.min(Math.max(Date.parse(instant) + milliseconds, FIRST), LAST)));
}

/** Milliseconds from `from` to `to`; negative when `to` is the earlier one. */
export function millisecondsBetween(from: Instant, to: Instant): number {
  return Date.parse(to) - Date.parse(from);
}

/** A calendar day `YYYY-MM-DD` that exists; there is no year 0. */
export function dayExists(day: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || day.startsWith('0000')) return false;
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
