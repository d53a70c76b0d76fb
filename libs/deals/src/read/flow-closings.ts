import type { Money } from '@guanxi/kernel';
import { amount } from './amounts';
import { days } from './days';
import type { Grouping } from './grouped';

/** Deals closed in a period. */
export interface Closings {
  readonly won: { readonly count: number; readonly value: Money };
  readonly lost: { readonly count: number; readonly value: Money };
  /** Won among won and lost, by number; null when none was closed. */
  readonly winRate: number | null;
  /** The same by value. */
  readonly winRateByValue: number | null;
  readonly meanWonValue: Money | null;
  readonly cycleDays: {
    readonly won: { readonly mean: number | null; readonly median: number | null };
    readonly lost: { readonly mean: number | null; readonly median: number | null };
  };
}

/** Sums over closing movements; a correction of a closed deal's value has count 0 and changes the value alone. */
export const closingsSql = (source: string, group: Grouping): string => `
  select ${group.columns},
         coalesce(-sum(count) filter (where kind = 'won'), 0) as won,
         -sum(converted) filter (where kind = 'won') as "wonValue",
         coalesce(-sum(count) filter (where kind = 'lost'), 0) as lost,
         -sum(converted) filter (where kind = 'lost') as "lostValue",
         avg(cycle_days) filter (where kind = 'won') as "wonMean",
         percentile_cont(0.5) within group (order by cycle_days) filter (where kind = 'won') as "wonMedian",
         avg(cycle_days) filter (where kind = 'lost') as "lostMean",
         percentile_cont(0.5) within group (order by cycle_days) filter (where kind = 'lost') as "lostMedian",
         min(currency) as lowest, max(currency) as highest, count(*) filter (where converted is null) as unconverted
    from ${source} as d
   where effective_at >= $1 and kind in ('won', 'lost')
   group by grouping sets (${group.sets()})`;

interface ClosingRow {
  readonly won: number;
  readonly wonValue: number | null;
  readonly lost: number;
  readonly lostValue: number | null;
  readonly wonMean: number | null;
  readonly wonMedian: number | null;
  readonly lostMean: number | null;
  readonly lostMedian: number | null;
}

export function closingsOf(row: ClosingRow | undefined, currency: string): Closings {
  const { won = 0, lost = 0, wonValue = null, lostValue = null } = row ?? {};
  return {
    won: { count: won, value: amount(wonValue, currency) },
    lost: { count: lost, value: amount(lostValue, currency) },
    winRate: share(won, won + lost),
    winRateByValue: share(wonValue ?? 0, (wonValue ?? 0) + (lostValue ?? 0)),
    meanWonValue: won === 0 ? null : amount((wonValue ?? 0) / won, currency),
    cycleDays: {
      won: { mean: days(row?.wonMean), median: days(row?.wonMedian) },
      lost: { mean: days(row?.lostMean), median: days(row?.lostMedian) },
    },
  };
}

/** A part of a whole as a number from 0 to 1; null where there is no whole. */
export const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
