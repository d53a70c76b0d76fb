import type { Instant, Money } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { Filters, IsCurrencyCode } from '@guanxi/querying';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import type { CurrenciesFound } from './currencies';
import { amountIn, oneCurrency } from './currencies';
import { customers } from './customers';
import type { Period } from './period';
import { PeriodParameters, during, periodOf } from './period';
import { purchases } from './purchases';
import { roomToSort } from './work-memory';

const periods = { month: 'YYYY-MM', quarter: 'YYYY-"Q"Q', year: 'YYYY' } as const;
const SPLITS = ['month', 'quarter', 'year', 'customer', 'channel', 'currency'] as const;
type Split = (typeof SPLITS)[number];

export class PurchaseTotalsParameters extends PeriodParameters {
  /** Months, quarters and years are those of UTC. */
  @IsOptional() @IsIn(SPLITS) readonly by?: Split;
  /** Id or externalRef. */
  @IsOptional() @IsString() @Length(1, 200) readonly customer?: string;
  @IsOptional() @IsString() @Length(1, 200) readonly channel?: string;
  /** Only purchases in this currency. */
  @IsOptional() @IsCurrencyCode() readonly currency?: string;
  /** Most groups in the answer: the first ones in time, or those with most revenue. */
  @Type(() => Number) @IsInt() @Min(1) @Max(50_000) readonly limit: number = 1_000;
}

export interface PurchaseFigures {
  readonly purchases: number;
  /** Credit notes that name no original. */
  readonly returns: number;
  readonly refunds: number;
  /** Customers with a purchase, return or refund. */
  readonly customers: number;
  readonly quantity: number;
  /** After returns and refunds. */
  readonly revenue: Money | null;
  /** What was given back by returns and refunds. */
  readonly givenBack: Money | null;
  /** Null where the cost of a purchase is not known. */
  readonly grossProfit: Money | null;
}

export interface PurchaseGroup extends PurchaseFigures {
  readonly key: string;
  readonly id?: string;
  readonly label: string;
}

export interface PurchaseTotals {
  readonly from: Instant;
  readonly to: Instant;
  readonly total: PurchaseFigures;
  readonly groups: readonly PurchaseGroup[];
}

interface TotalsRow extends CurrenciesFound {
  readonly key: string;
  readonly id: string | null;
  readonly label: string;
  readonly purchases: number;
  readonly returns: number;
  readonly refunds: number;
  readonly customers: number;
  readonly quantity: number | null;
  readonly revenue: number | null;
  readonly givenBack: number | null;
  readonly grossProfit: number | null;
  readonly withoutCost: number | null;
}

/**
 * What was bought in a period [from, to), whole and by group (D3).
 * @throws DomainError `currency.ambiguous`, unless split by currency
 */
export async function purchaseTotals(
  snapshot: Snapshot,
  parameters: PurchaseTotalsParameters,
): Promise<PurchaseTotals> {
  const period = periodOf(parameters, snapshot.asOf);
  const { by, limit } = parameters;
  await roomToSort(snapshot);
  const [whole] = await totals(snapshot, period, parameters, undefined, 1);
  const groups = by === undefined ? [] : await totals(snapshot, period, parameters, by, limit);
  const mixed = by === 'currency' && whole?.lowest !== whole?.highest;
  return {
    from: period.from,
    to: period.to,
    total: figuresOf(whole, mixed || !whole ? undefined : oneCurrency([whole])),
    groups: groups.map((row) => ({
      key: row.key,
      ...(row.id === null ? {} : { id: row.id }),
      label: row.label,
      ...figuresOf(row, oneCurrency([row])),
    })),
  };
}

async function totals(
  snapshot: Snapshot,
  period: Period,
  parameters: PurchaseTotalsParameters,
  by: Split | undefined,
  limit: number,
): Promise<readonly TotalsRow[]> {
  const { key, id, label } = columnsOf(by);
  const named = by === 'customer' || parameters.customer !== undefined;
  const filters = new Filters()
    .anyEquals(['m.customer_id', 'c.external_ref'], parameters.customer)
    .equals('m.channel', parameters.channel)
    .equals('m.currency', parameters.currency);
  const order = by !== undefined && Object.hasOwn(periods, by) ? 'key' : 'revenue desc nulls last, key';
  return snapshot.rows<TotalsRow>(
    `select ${key} as key, ${id} as id, ${label} as label,
            count(*) filter (where m.kind = 'purchase') as purchases,
            count(*) filter (where m.kind = 'return') as returns,
            count(*) filter (where m.kind = 'refund') as refunds,
            count(distinct m.customer_id) as customers,
            sum(m.quantity) as quantity, sum(m.revenue) as revenue,
            -sum(m.revenue) filter (where m.kind in ('return', 'refund')) as "givenBack",
            sum(m.gross_profit) as "grossProfit", sum(m.without_cost) as "withoutCost",
            min(m.currency) as lowest, max(m.currency) as highest
       from ${snapshot.movementsOf(purchases)} m
       ${named ? `left join ${snapshot.of(customers)} c on c.id = m.customer_id` : ''}
      where ${during(period, 'm')} and ${filters.where()}
      group by 1, 2, 3
      order by ${order}
      limit ${limit}`,
    filters.values,
  );
}

function columnsOf(by: Split | undefined): { key: string; id: string; label: string } {
  const plain = (key: string) => ({ key, id: 'null::text', label: key });
  switch (by) {
    case undefined:
      return plain(`''::text`);
    case 'month':
    case 'quarter':
    case 'year':
      return plain(`to_char(m.effective_at at time zone 'UTC', '${periods[by]}')`);
    case 'channel':
      return plain(`coalesce(m.channel, '(none)')`);
    case 'currency':
      return plain('m.currency');
    case 'customer':
      return {
        key: 'coalesce(c.external_ref, m.customer_id::text)',
        id: 'm.customer_id::text',
        label: 'coalesce(c.name, c.external_ref, m.customer_id::text)',
      };
  }
}

function figuresOf(row: TotalsRow | undefined, currency: string | undefined): PurchaseFigures {
  const knowsCost = row?.withoutCost === 0;
  return {
    purchases: row?.purchases ?? 0,
    returns: row?.returns ?? 0,
    refunds: row?.refunds ?? 0,
    customers: row?.customers ?? 0,
    quantity: row?.quantity ?? 0,
    revenue: amountIn(currency, row?.revenue ?? 0),
    givenBack: amountIn(currency, row?.givenBack ?? 0),
    grossProfit: amountIn(currency, knowsCost ? (row.grossProfit ?? 0) : null),
  };
}
