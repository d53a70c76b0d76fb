import { InvalidArgumentError } from 'commander';
import { isInstant, parseInstant } from '@guanxi/kernel';
import type { Instant } from '@guanxi/kernel';
import { moment } from '../arguments';

/** A moment as people write it: RFC 3339 with an offset, or a day, which stands for its beginning in UTC. */
export function instant(text: string): Instant {
  const written = moment(text);
  if (isInstant(written)) return parseInstant(written);
  throw new InvalidArgumentError(
    'must be a day or an RFC 3339 date-time with an offset, such as 2026-03-01T09:30:00+08:00.',
  );
}

/** Options of commands that look at events: their data is personal, so it must be asked for. */
export const DATA = ['--data', 'also what the events say, which is personal data'] as const;

/** What is true at which moment, and known at which. */
export interface Moments {
  readonly asOf?: Instant;
  readonly asKnownAt?: Instant;
}

/** The moments in words: `as of 2026-03-01T00:00:00.000Z, position 120`. */
export const speaksFor = (asOf: Instant | null, position: string): string =>
  `${asOf === null ? 'as it stands' : `as of ${asOf}`}, known up to position ${position}`;

/** JSON of anything, positions as text. */
export const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each)));
