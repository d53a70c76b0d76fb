import type { Instant, Money } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { IsCurrencyCode } from '@guanxi/querying';
import { IsIn, IsOptional } from 'class-validator';
import { ratio } from './churn-figures';
import type { CurrenciesFound } from './currencies';
import { amountIn, oneCurrency } from './currencies';
import type { Period } from './period';
import { PeriodParameters, during, periodOf } from './period';
import { purchases } from './purchases';
import { roomToSort } from './work-memory';

/** Tiers with the share of customers that they and all above them hold (policy default of D12). */
const TIERS = [
  { tier: 'vip', grade: 'A', upTo: 0.01 },
  { tier: 'large', grade: 'B', upTo: 0.05 },
  { tier: 'medium', grade: 'C', upTo: 0.2 },
  { tier: 'small', grade: 'D', upTo: 1 },
] as const;

const BASES = ['grossProfit', 'revenue'] as const;
type Basis = (typeof BASES)[number];

export class PyramidParameters extends PeriodParameters {
  /** What customers are ranked by; gross profit where the cost of every purchase is known, else revenue. */
  @IsOptional() @IsIn(BASES) readonly basis?: Basis;
  /** Only purchases in this currency. */
  @IsOptional() @IsCurrencyCode() readonly currency?: string;
}

export interface Tier {
  readonly tier: (typeof TIERS)[number]['tier'];
  readonly grade: (typeof TIERS)[number]['grade'];
  readonly count: number;
  readonly revenue: Money | null;
  /** Null where the cost of a purchase in the tier is not known. */
  readonly grossProfit: Money | null;
  readonly shareOfRevenue: number | null;
  readonly shareOfGrossProfit: number | null;
  /** The lowest value in the tier, by what customers are ranked by. */
  readonly threshold: Money | null;
}

export interface Pyramid {
  readonly from: Instant;
  readonly to: Instant;
  readonly basis: Basis;
  /** Customers with a purchase in the period. */
  readonly customers: number;
  readonly tiers: readonly Tier[];
}

interface TierRow extends CurrenciesFound {
  readonly tier: string;
  readonly count: number;
  readonly revenue: number;
  readonly grossProfit: number;
  readonly withoutCost: number;
  readonly threshold: number;
  readonly byGrossProfit: boolean;
}

/**
 * The customer pyramid (D12): of the n customers who bought in the period, ranked by value and among equals by id,
 * the first ceil(0.01 n) are VIP, up to ceil(0.05 n) large, up to ceil(0.2 n) medium, the rest small.
 */
export async function pyramid(snapshot: Snapshot, parameters: PyramidParameters): Promise<Pyramid> {
  const period = periodOf(parameters, snapshot.asOf);
  await roomToSort(snapshot);
  const rows = await snapshot.rows<TierRow>(
    `select tier, by_gross_profit as "byGrossProfit", count(*) as count, sum(revenue) as revenue,
            sum(gross_profit) as "grossProfit", sum(without_cost) as "withoutCost", min(value) as threshold,
            min(lowest) as lowest, max(highest) as highest
       from ${tiers(snapshot, period, parameters)} t
      group by tier, by_gross_profit`,
  );
  const currency = oneCurrency(rows);
  const revenue = rows.reduce((sum, row) => sum + row.revenue, 0);
  const complete = rows.every(({ withoutCost }) => withoutCost === 0);
  const grossProfit = rows.reduce((sum, row) => sum + row.grossProfit, 0);
  return {
    from: period.from,
    to: period.to,
    basis: parameters.basis ?? (rows.some(({ byGrossProfit }) => !byGrossProfit) ? 'revenue' : 'grossProfit'),
    customers: rows.reduce((sum, { count }) => sum + count, 0),
    tiers: TIERS.map(({ tier, grade }): Tier => {
      const row = rows.find((candidate) => candidate.tier === tier);
      return {
        tier,
        grade,
        count: row?.count ?? 0,
        revenue: amountIn(currency, row?.revenue ?? 0),
        grossProfit: amountIn(currency, row && row.withoutCost > 0 ? null : (row?.grossProfit ?? 0)),
        shareOfRevenue: ratio(row?.revenue ?? 0, revenue),
        shareOfGrossProfit: complete ? ratio(row?.grossProfit ?? 0, grossProfit) : null,
        threshold: amountIn(currency, row?.threshold ?? null),
      };
    }),
  };
}

/**
 * SQL of `(customer_id, tier)` for every customer who bought in the year up to the snapshot's moment: for figures
 * that split by tier. Amounts are ranked as they stand, whatever their currency.
 */
export const customerTiers = (snapshot: Snapshot): string =>
  `(select customer_id, tier from ${tiers(snapshot, periodOf({}, snapshot.asOf), {})} t)`;

function tiers(
  snapshot: Snapshot,
  period: Period,
  { basis, currency }: Omit<PyramidParameters, 'from' | 'to'>,
): string {
  const byGrossProfit =
    basis === undefined ? 'sum(without_cost) over () = 0' : String(basis === 'grossProfit');
  const cases = TIERS.map(({ tier, upTo }) => `when rank <= ceil(customers * ${upTo}) then '${tier}'`);
  return `(select *, case ${cases.join(' ')} end as tier
             from (select *, row_number() over (order by value desc, customer_id) as rank, count(*) over () as customers
                     from (select *, case when by_gross_profit then gross_profit else revenue end as value
                             from (select *, ${byGrossProfit} as by_gross_profit
                                     from ${spending(snapshot, period, currency)} spending) known) valued) ranked)`;
}

function spending(snapshot: Snapshot, period: Period, currency: string | undefined): string {
  return `(select customer_id, sum(revenue)::bigint as revenue, coalesce(sum(gross_profit), 0)::bigint as gross_profit,
                  sum(without_cost) as without_cost, min(currency) as lowest, max(currency) as highest
             from ${snapshot.movementsOf(purchases)} m
            where ${during(period, 'm')} ${currency === undefined ? '' : `and currency = '${currency}'`}
            group by customer_id having bool_or(kind = 'purchase'))`;
}
