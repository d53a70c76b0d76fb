const ZERO = 48;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WRITTEN_LENGTH = '2026-03-01T09:30:00.000Z'.length;
/** Every month has so many days; what lies behind is left to the calendar of the language. */
const DAYS_OF_EVERY_MONTH = 28;
const MONTHS = 12;
const DAYS_OF_FOUR_CENTURIES = 146_097;
const DAYS_TO_1970 = 719_468;

/** Milliseconds since 1970 of an instant as it is mostly written; by arithmetic alone, NaN where that does not do. */
export function writtenMilliseconds(text: string): number {
  if (text.length !== WRITTEN_LENGTH || !isPunctuated(text)) return Number.NaN;
  const year = two(text, 0) * 100 + two(text, 2);
  const month = two(text, 5);
  const day = two(text, 8);
  const hour = two(text, 11);
  const minute = two(text, 14);
  const second = two(text, 17);
  const last = text.charCodeAt(22) - ZERO;
  const thousandths = last >= 0 && last <= 9 ? two(text, 20) * 10 + last : Number.NaN;
  const isPlain =
    year > 0 &&
    month >= 1 &&
    month <= MONTHS &&
    day >= 1 &&
    day <= DAYS_OF_EVERY_MONTH &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!isPlain) return Number.NaN;
  return daysOf(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second * 1_000 + thousandths;
}

function isPunctuated(text: string): boolean {
  return (
    text[4] === '-' &&
    text[7] === '-' &&
    text[10] === 'T' &&
    text[13] === ':' &&
    text[16] === ':' &&
    text[19] === '.' &&
    text[23] === 'Z'
  );
}

/** Two digits as a number; NaN where one is none. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Days since 1970-01-01, with years that begin in March, so that the leap day is the last of its year. */
function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const century4 = Math.floor(shifted / 400);
  const ofCentury4 = shifted - century4 * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const days = ofCentury4 * 365 + Math.floor(ofCentury4 / 4) - Math.floor(ofCentury4 / 100) + dayOfYear;
  return century4 * DAYS_OF_FOUR_CENTURIES + days - DAYS_TO_1970;
}
