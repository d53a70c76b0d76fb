import type { Money } from '@guanxi/kernel';
import { notFound } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { selectList } from '@guanxi/projections';
import type { Page } from '@guanxi/querying';
import { Filters, IsCurrencyCode, ListParameters, page } from '@guanxi/querying';
import { IsIn, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { PURCHASE_KINDS } from '../domain/vocabulary';
import { IsMoment, momentOf } from './period';
import type { PurchaseRow } from './purchases';
import { purchases } from './purchases';

export class PurchaseListParameters extends ListParameters {
  @IsOptional() @IsUUID('all') readonly customer?: string;
  @IsOptional() @IsIn(PURCHASE_KINDS) readonly kind?: string;
  @IsOptional() @IsString() @Length(1, 200) readonly channel?: string;
  @IsOptional() @IsCurrencyCode() readonly currency?: string;
  @IsOptional() @IsString() @Length(1, 200) readonly externalRef?: string;
  /** Bought at or after; a day stands for its start in UTC. */
  @IsOptional() @IsMoment() readonly from?: string;
  /** Bought before. */
  @IsOptional() @IsMoment() readonly to?: string;
}

type Amounts = 'revenue' | 'costOfGoods' | 'refunded' | 'currency';

export type PurchaseItem = Omit<PurchaseRow, Amounts> & {
  readonly id: string;
  readonly currency: string;
  readonly revenue: Money;
  /** Null when the cost of a line is not known. */
  readonly costOfGoods: Money | null;
  readonly refunded: Money;
};

const { revenue: _r, costOfGoods: _c, refunded: _f, ...plain } = purchases.columns;

const moneyOf = (column: string): string => `json_build_object('amount', ${column}, 'currency', p.currency)`;

const ITEM = `p.id, ${selectList(plain, 'p.')}, ${moneyOf('p.revenue')} as revenue,
  case when p.cost_of_goods is not null then ${moneyOf('p.cost_of_goods')} end as "costOfGoods",
  ${moneyOf('p.refunded')} as refunded`;

/** Purchases as they were at the moment, filtered, sorted, by page. */
export function purchaseList(
  snapshot: Snapshot,
  parameters: PurchaseListParameters,
): Promise<Page<PurchaseItem>> {
  const { from, to } = parameters;
  return page<PurchaseItem>(snapshot, {
    from: `${snapshot.of(purchases)} p`,
    select: ITEM,
    filters: new Filters()
      .equals('p.customer_id', parameters.customer)
      .equals('p.kind', parameters.kind)
      .equals('p.channel', parameters.channel)
      .equals('p.currency', parameters.currency)
      .equals('p.external_ref', parameters.externalRef)
      .atLeast('p.purchased_at', from === undefined ? undefined : momentOf(from, 'from'))
      .below('p.purchased_at', to === undefined ? undefined : momentOf(to, 'to')),
    sortable: {
      purchasedAt: { column: 'p.purchased_at', type: 'timestamptz' },
      revenue: { column: 'p.revenue', type: 'bigint' },
      externalRef: { column: 'p.external_ref', type: 'text' },
    },
    defaultSort: '-purchasedAt',
    parameters,
    idColumn: 'p.id',
  });
}

/** One purchase as it was at the moment. @throws DomainError `purchase.unknown` when it was not there then */
export async function onePurchase(snapshot: Snapshot, id: string): Promise<PurchaseItem> {
  const [purchase] = await snapshot.rows<PurchaseItem>(
    `select ${ITEM} from ${snapshot.of(purchases)} p where p.id = $1`,
    [id],
  );
  if (!purchase) throw notFound('purchase.unknown', 'there is no such purchase at this moment');
  return purchase;
}
