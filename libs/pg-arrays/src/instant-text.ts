import type { Instant } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';

const DAY_LENGTH = '2026-03-01'.length;
const SECONDS_LENGTH = '2026-03-01 09:30:00'.length;
const THOUSANDTHS = 3;

/**
 * The instant of a `timestamptz` in the text form of a session in UTC: `2026-03-01 09:30:00.25+00`, in DateStyle ISO.
 * What is finer than a thousandth of a second is cut off.
 */
export function instantOfText(text: string): Instant {
  const end = text.length - '+00'.length;
  const isPlain = text.charCodeAt(DAY_LENGTH) === SPACE && text.endsWith('+00');
  if (!isPlain) return instantOf(new Date(text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00')));
  const day = text.slice(0, DAY_LENGTH);
  const time = text.slice(DAY_LENGTH + 1, SECONDS_LENGTH);
  const digits = text.slice(SECONDS_LENGTH + 1, Math.min(end, SECONDS_LENGTH + 1 + THOUSANDTHS));
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- in the one form that instants have
  return `${day}T${time}.${digits}${ZEROS[digits.length] ?? ''}Z` as Instant;
}

const SPACE = 0x20;
const ZEROS = ['000', '00', '0', ''];
