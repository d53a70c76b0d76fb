/** Stays of one length: how many ended, and how many were still going on when last seen. */
export interface Stays {
  readonly days: number;
  readonly ended: number;
  readonly ongoing: number;
}

/** One half, and what products of fractions may err. */
const HALF = 0.5 + 1e-9;

/**
 * Median length of stay by the Kaplan–Meier estimator (Kaplan and Meier 1958): the first length at which the
 * estimated share of stays that last longer falls to one half or below. Ongoing stays count as lasting at least
 * as long as seen; null while more than half are estimated to go on.
 */
export function medianStay(stays: readonly Stays[]): number | null {
  const byLength = [...stays].sort((a, b) => a.days - b.days);
  let atRisk = byLength.reduce((sum, { ended, ongoing }) => sum + ended + ongoing, 0);
  let surviving = 1;
  let index = 0;
  while (index < byLength.length) {
    const days = byLength[index]?.days ?? 0;
    let ended = 0;
    let gone = 0;
    for (let next = byLength[index]; next?.days === days; next = byLength[index]) {
      ended += next.ended;
      gone += next.ended + next.ongoing;
      index += 1;
    }
    surviving *= 1 - ended / atRisk;
    if (surviving <= HALF) return days;
    atRisk -= gone;
  }
  return null;
}
