import type { Money } from '@guanxi/kernel';
import { invalid } from '@guanxi/kernel';

/** What a period did to the number of active customers: everything but how many there were at its start. */
export interface ChurnCounts {
  readonly closing: number;
  readonly new: number;
  readonly returned: number;
  readonly lost: number;
}

/** Customers lost for one reason, with what they brought a year. */
export interface Loss {
  readonly cause: string | null;
  readonly controllable: boolean | null;
  readonly responsible: string | null;
  readonly destination: string | null;
  readonly currency: string | null;
  readonly count: number;
  readonly revenue: number | null;
}

/** Churn of a period (D26). A rate is null where it would divide by nothing. */
export interface ChurnFigures extends ChurnCounts {
  readonly opening: number;
  /** The handbook's: lost ÷ closing. */
  readonly rateOnClosing: number | null;
  /** The usual one: lost ÷ opening. */
  readonly rateOnOpening: number | null;
  /** Lost ÷ mean of opening and closing. */
  readonly rateOnAverage: number | null;
  /** What the lost brought a year; null where that is known of none. */
  readonly revenueLost: Money | null;
  /** Revenue lost times margin. */
  readonly churnLoss: Money | null;
  readonly causes: readonly { readonly cause: string; readonly count: number }[];
  readonly responsible: readonly { readonly side: string; readonly count: number }[];
  readonly destinations: readonly { readonly destination: string; readonly count: number }[];
  /** Controllable losses ÷ losses of which it is known. */
  readonly controllableShare: number | null;
}

/**
 * Figures from counts and losses. The opening is what makes opening + new + returned - lost = closing true; it is
 * the number of customers who were active at the start, since only these three movements change who is.
 * @param currency amounts in others are left out; where absent, all must be in one
 * @throws DomainError `currency.ambiguous`
 */
export function churnFigures(
  counts: ChurnCounts,
  losses: readonly Loss[],
  { margin, currency }: { readonly margin: number; readonly currency?: string },
): ChurnFigures {
  const { closing, lost } = counts;
  const opening = closing - counts.new - counts.returned + lost;
  const revenueLost = revenueOf(losses, currency);
  return {
    opening,
    new: counts.new,
    returned: counts.returned,
    lost,
    closing,
    rateOnClosing: ratio(lost, closing),
    rateOnOpening: ratio(lost, opening),
    rateOnAverage: ratio(lost, (opening + closing) / 2),
    revenueLost,
    churnLoss: revenueLost && { ...revenueLost, amount: Math.round(revenueLost.amount * margin) },
    causes: tally(losses, ({ cause }) => cause ?? 'unknown').map(([cause, count]) => ({ cause, count })),
    responsible: tally(losses, ({ responsible }) => responsible).map(([side, count]) => ({ side, count })),
    destinations: tally(losses, (loss) => loss.destination).map(([destination, count]) => ({
      destination,
      count,
    })),
    controllableShare: ratio(
      countOf(losses.filter(({ controllable }) => controllable === true)),
      countOf(losses.filter(({ controllable }) => controllable !== null)),
    ),
  };
}

/** A share or rate; null where there is nothing to divide by. */
export const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** The refusal of a sum over several currencies. */
export const currencyAmbiguous = (currencies: readonly string[]) =>
  invalid(
    'currency.ambiguous',
    `there are amounts in ${currencies.join(', ')}, which do not add up: name one with currency=`,
    { field: 'currency', currencies },
  );

function revenueOf(losses: readonly Loss[], wanted: string | undefined): Money | null {
  const known = losses.filter(({ currency }) => currency !== null && (wanted ?? currency) === currency);
  const currencies = [...new Set(known.map(({ currency }) => currency ?? ''))].sort();
  const [currency, another] = currencies;
  if (currency === undefined) return null;
  if (another !== undefined) throw currencyAmbiguous(currencies);
  return { amount: known.reduce((sum, { revenue }) => sum + (revenue ?? 0), 0), currency };
}

const countOf = (losses: readonly Loss[]): number => losses.reduce((sum, { count }) => sum + count, 0);

/** Counts by a word, the most frequent first. */
function tally(losses: readonly Loss[], wordOf: (loss: Loss) => string | null): readonly [string, number][] {
  const counts = new Map<string, number>();
  for (const loss of losses) {
    const word = wordOf(loss);
    if (word !== null) counts.set(word, (counts.get(word) ?? 0) + loss.count);
  }
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}
