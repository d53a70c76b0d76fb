import { NotAcceptableException } from '@nestjs/common';

export const JSON_TYPE = 'application/json';
export const CSV = 'text/csv';
export const NDJSON = 'application/x-ndjson';

/** The forms in which an answer can be had. */
export type Format = typeof JSON_TYPE | typeof CSV | typeof NDJSON;

const ALL: readonly Format[] = [JSON_TYPE, CSV, NDJSON];
const JSON_ALONE: readonly Format[] = [JSON_TYPE];

/**
 * The form that a caller likes best among those on offer (RFC 9110 §12.5.1); JSON where he does not say.
 * @param rows false for an answer that has no rows: then JSON alone is on offer
 * @throws NotAcceptableException naming what is on offer
 */
export function formatOf(accept: string | undefined, rows: boolean): Format {
  const offered = rows ? ALL : JSON_ALONE;
  if (accept === undefined || accept.trim() === '') return JSON_TYPE;
  const wishes = accept.split(',').map(parseWish);
  let best: Format | undefined;
  let bestQuality = 0;
  for (const format of offered) {
    const quality = qualityOf(format, wishes);
    if (quality > bestQuality) {
      best = format;
      bestQuality = quality;
    }
  }
  if (best === undefined) throw new NotAcceptableException(`this answer comes as ${offered.join(', ')}`);
  return best;
}

interface Wish {
  readonly range: string;
  readonly quality: number;
}

function parseWish(text: string): Wish {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const value = quality === undefined ? 1 : Number(quality);
  return { range, quality: Number.isFinite(value) ? value : 0 };
}

/** The most specific range that fits counts, whatever its place in the list. */
function qualityOf(format: Format, wishes: readonly Wish[]): number {
  const [type] = format.split('/');
  for (const range of [format, `${type}/*`, '*/*']) {
    const wish = wishes.find((one) => one.range === range);
    if (wish) return wish.quality;
  }
  return 0;
}
