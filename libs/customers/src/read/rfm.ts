import type { Instant, Money } from '@guanxi/kernel';
import { plusMilliseconds } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import type { Page } from '@guanxi/querying';
import { Filters, IsCurrencyCode, ListParameters, page } from '@guanxi/querying';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { ratio } from './churn-figures';
import type { CurrenciesFound } from './currencies';
import { amountIn, oneCurrency } from './currencies';
import { customers } from './customers';
import { purchases } from './purchases';
import type { Segment } from './rfm-policy';
import { SEGMENTS, segmentSql } from './rfm-policy';
import { roomToSort } from './work-memory';

const DAY = 86_400_000;
const WINDOW_DAYS = 365;
const MOST_DAYS = 36_525;

export class RfmParameters {
  /** Days up to the as-of moment in which purchases count. */
  @Type(() => Number) @IsInt() @Min(1) @Max(MOST_DAYS) readonly window: number = WINDOW_DAYS;
  /** Only purchases in this currency. */
  @IsOptional() @IsCurrencyCode() readonly currency?: string;
}

export class RfmListParameters extends ListParameters {
  /** Days up to the as-of moment in which purchases count. */
  @Type(() => Number) @IsInt() @Min(1) @Max(MOST_DAYS) readonly window: number = WINDOW_DAYS;
  /** Only purchases in this currency. */
  @IsOptional() @IsCurrencyCode() readonly currency?: string;
  @IsOptional() @IsIn(SEGMENTS) readonly segment?: Segment;
}

export interface SegmentFigures {
  readonly segment: Segment;
  readonly count: number;
  readonly revenue: Money | null;
  readonly shareOfRevenue: number | null;
  readonly meanRecencyDays: number | null;
  readonly meanFrequency: number | null;
  /** Mean revenue of a customer, rounded to whole minor units. */
  readonly meanMonetary: Money | null;
}

export interface Rfm {
  /** The window is (from, to]. */
  readonly from: Instant;
  readonly to: Instant;
  readonly customers: number;
  readonly segments: readonly SegmentFigures[];
}

interface SegmentRow extends CurrenciesFound {
  readonly segment: Segment;
  readonly count: number;
  readonly revenue: number;
  readonly recency: number;
  readonly frequency: number;
}

/** Customers who bought in the window, by named segment of their recency, frequency and monetary scores (D15). */
export async function rfm(snapshot: Snapshot, parameters: RfmParameters): Promise<Rfm> {
  await roomToSort(snapshot);
  const rows = await snapshot.rows<SegmentRow>(
    `select segment, count(*) as count, sum(monetary) as revenue, avg(recency_days) as recency,
            avg(frequency) as frequency, min(lowest) as lowest, max(highest) as highest
       from ${scored(snapshot, parameters)} s group by segment`,
  );
  const currency = oneCurrency(rows);
  const revenue = rows.reduce((sum, row) => sum + row.revenue, 0);
  return {
    from: startOf(snapshot, parameters),
    to: snapshot.asOf,
    customers: rows.reduce((sum, { count }) => sum + count, 0),
    segments: SEGMENTS.map((segment): SegmentFigures => {
      const row = rows.find((candidate) => candidate.segment === segment);
      return {
        segment,
        count: row?.count ?? 0,
        revenue: amountIn(currency, row?.revenue ?? 0),
        shareOfRevenue: ratio(row?.revenue ?? 0, revenue),
        meanRecencyDays: row?.recency ?? null,
        meanFrequency: row?.frequency ?? null,
        meanMonetary: amountIn(currency, row ? Math.round(row.revenue / row.count) : null),
      };
    }),
  };
}

export interface ScoredCustomer {
  readonly id: string;
  readonly externalRef: string | null;
  readonly name: string | null;
  readonly segment: Segment;
  readonly lastPurchaseAt: Instant;
  readonly recencyDays: number;
  readonly frequency: number;
  readonly monetary: Money;
  /** Quintiles, 5 the best. */
  readonly scores: { readonly recency: number; readonly frequency: number; readonly monetary: number };
}

/** The same customers one by one, with their scores, by page. @throws DomainError `currency.ambiguous` */
export async function rfmCustomers(
  snapshot: Snapshot,
  parameters: RfmListParameters,
): Promise<Page<ScoredCustomer>> {
  const from = scored(snapshot, parameters);
  await roomToSort(snapshot);
  const found = await snapshot.rows<CurrenciesFound>(
    `select min(lowest) as lowest, max(highest) as highest from ${from} s`,
  );
  oneCurrency(found);
  return page<ScoredCustomer>(snapshot, {
    from: `${from} s left join ${snapshot.of(customers)} c on c.id = s.customer_id`,
    select: `s.customer_id as id, c.external_ref as "externalRef", c.name, s.segment,
             s.last_at as "lastPurchaseAt", s.recency_days as "recencyDays", s.frequency,
             json_build_object('amount', s.monetary, 'currency', s.lowest) as monetary,
             json_build_object('recency', s.r, 'frequency', s.f, 'monetary', s.m) as scores`,
    filters: new Filters().equals('s.segment', parameters.segment),
    sortable: {
      monetary: { column: 's.monetary', type: 'bigint' },
      frequency: { column: 's.frequency', type: 'bigint' },
      lastPurchaseAt: { column: 's.last_at', type: 'timestamptz' },
      externalRef: { column: 'c.external_ref', type: 'text' },
    },
    defaultSort: '-monetary',
    parameters,
    idColumn: 's.customer_id',
  });
}

type Window = Pick<RfmParameters, 'window' | 'currency'>;

const startOf = (snapshot: Snapshot, { window }: Window): Instant =>
  plusMilliseconds(snapshot.asOf, -window * DAY);

/** SQL of scored customers: quintiles of each value, equal values in the order of ids. */
function scored(snapshot: Snapshot, parameters: Window): string {
  const { currency } = parameters;
  return `(select *, ${segmentSql('r', 'f', 'm')} as segment
             from (select *, ntile(5) over (order by last_at, customer_id) as r,
                          ntile(5) over (order by frequency, customer_id) as f,
                          ntile(5) over (order by monetary, customer_id) as m
                     from (select customer_id, max(effective_at) filter (where kind = 'purchase') as last_at,
                                  extract(epoch from '${snapshot.asOf}'::timestamptz
                                    - max(effective_at) filter (where kind = 'purchase'))::float8 / 86400 as recency_days,
                                  count(*) filter (where kind = 'purchase') as frequency,
                                  sum(revenue)::bigint as monetary, min(currency) as lowest, max(currency) as highest
                             from ${snapshot.movementsOf(purchases)} m
                            where effective_at > '${startOf(snapshot, parameters)}'::timestamptz
                              and effective_at <= '${snapshot.asOf}'::timestamptz
                              ${currency === undefined ? '' : `and currency = '${currency}'`}
                            group by customer_id having bool_or(kind = 'purchase')) bought) quintiles)`;
}
