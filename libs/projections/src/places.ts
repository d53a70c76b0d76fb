import type { Instant } from '@guanxi/kernel';

/*
 * Which periods of a long history hold a moment? An index on ends, or on beginnings, finds all that ended since, or
 * began before. So rows are filed by how long their period is, in classes of which each is twice as long as the one
 * before, and within a class by when it ends, in bins as wide as no period of the class is long. A period that holds a
 * moment then ends in the moment's own bin of its class, or in the next: some fifty places to look at, of which only
 * those hold rows in which something can be, however long the history is.
 *
 * The place is an expression of an index, not a column: tables need nothing for it, whoever made and fills them.
 */

/** The shortest class: up to 2^12 seconds, a good hour. */
const SHORTEST_TIME = 12;
/** 2^32 seconds are 136 years; whatever is longer lies in one place. */
const LONGEST_TIME = 32;
const TIME_CLASS_BIT = 40n;

/** The shortest class: up to 2^8 positions. */
const SHORTEST_RUN = 8;
const LONGEST_RUN = 40;
const RUN_CLASS_BIT = 56n;

const SECONDS_IN_MILLISECONDS = 1_000;

/** What the periods of each class do not reach: `2 ** first` and so on up to `2 ** last`. */
const widths = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => 2 ** (first + index));

const arrayOf = (numbers: readonly number[]): string => `'{${numbers.join(',')}}'::float8[]`;

const seconds = (interval: string): string => `date_part('epoch', ${interval})`;
const SPAN = seconds('valid_to - valid_from');
const TIME_CLASS = `width_bucket(${SPAN}, ${arrayOf(widths(SHORTEST_TIME, LONGEST_TIME))})`;
const BEYOND_TIME = LONGEST_TIME - SHORTEST_TIME + 1;

/** Place of a row by the period in which it was true. None for a row that was superseded before it had an end. */
export const TIME_PLACE = `(case when not isfinite(valid_to) then null
  when ${SPAN} >= ${2 ** LONGEST_TIME} then ${BigInt(BEYOND_TIME) << TIME_CLASS_BIT}
  else (${TIME_CLASS}::bigint << ${TIME_CLASS_BIT}) + floor(
    ${seconds(`valid_to - '1970-01-01 00:00:00+00'::timestamptz`)} / (${2 ** SHORTEST_TIME}::bigint << ${TIME_CLASS}))::bigint
  end)`;

/** Position up to which a row was the newest that was known of its key, and not known to be wrong. */
export const NEWEST_UNTIL = 'least(closed_pos, superseded_pos)';

const RUN = `(${NEWEST_UNTIL} - opened_pos)`;
const RUN_CLASS = `width_bucket(${RUN}::float8, ${arrayOf(widths(SHORTEST_RUN, LONGEST_RUN))})`;
const BEYOND_RUN = LONGEST_RUN - SHORTEST_RUN + 1;

/** Place of a row by the positions between which it was the newest that was known of its key. */
export const RUN_PLACE = `(case when ${RUN} >= ${2 ** LONGEST_RUN} then ${BigInt(BEYOND_RUN) << RUN_CLASS_BIT}
  else (${RUN_CLASS}::bigint << ${RUN_CLASS_BIT}) + (${NEWEST_UNTIL} >> (${SHORTEST_RUN} + ${RUN_CLASS})) end)`;

/** The condition on history that a row's period reaches beyond a moment; holds for rows that began by then. */
export function endsAfter(at: Instant): string {
  const moment = Date.parse(at) / SECONDS_IN_MILLISECONDS;
  const bins = widths(SHORTEST_TIME, LONGEST_TIME).map((width) => BigInt(Math.floor(moment / width)));
  return `${TIME_PLACE} = any(${places(bins, TIME_CLASS_BIT)}) and valid_to > '${at}'::timestamptz`;
}

/** The condition on history that a row was still the newest of its key at a position; holds for rows opened by then. */
export function newestAt(position: bigint): string {
  const bins = widths(SHORTEST_RUN, LONGEST_RUN).map((_, index) => position >> BigInt(SHORTEST_RUN + index));
  return `${RUN_PLACE} = any(${places(bins, RUN_CLASS_BIT)}) and ${NEWEST_UNTIL} > ${position}`;
}

/** For each class the bin and the one behind it, and the one place of all that is longer. */
function places(bins: readonly bigint[], classBit: bigint): string {
  const known = bins.flatMap((bin, index) => {
    const place = (BigInt(index) << classBit) + bin;
    return [place, place + 1n];
  });
  return `'{${[...known, BigInt(bins.length) << classBit].join(',')}}'::bigint[]`;
}
