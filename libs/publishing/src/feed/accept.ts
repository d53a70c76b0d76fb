import { NotAcceptableException } from '@nestjs/common';

export const EVENT_STREAM = 'text/event-stream';
export const NDJSON_LINES = 'application/x-ndjson';

/** The forms in which the feed comes, the usual one first. */
const OFFERED = [EVENT_STREAM, NDJSON_LINES] as const;

/** One of the forms in which the feed comes. */
export type FeedForm = (typeof OFFERED)[number];

/**
 * The form that a caller likes best (RFC 9110, 12.5.1); server-sent events where he does not say.
 * @throws NotAcceptableException naming what is on offer
 */
export function feedForm(accept: string | undefined): FeedForm {
  if (accept === undefined || accept.trim() === '') return EVENT_STREAM;
  const wishes = accept.split(',').map(wishOf);
  let best: FeedForm | undefined;
  let most = 0;
  for (const form of OFFERED) {
    const quality = qualityOf(form, wishes);
    if (quality <= most) continue;
    best = form;
    most = quality;
  }
  if (best === undefined) throw new NotAcceptableException(`the feed comes as ${OFFERED.join(' or ')}`);
  return best;
}

interface Wish {
  readonly range: string;
  readonly quality: number;
}

function wishOf(text: string): Wish {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
  return { range, quality: Number.isFinite(quality) ? quality : 0 };
}

/** The most specific range that fits counts. */
function qualityOf(form: string, wishes: readonly Wish[]): number {
  const [kind] = form.split('/');
  for (const range of [form, `${kind}/*`, '*/*']) {
    const wish = wishes.find((one) => one.range === range);
    if (wish) return wish.quality;
  }
  return 0;
}
