import type { Instant, Money } from '@guanxi/kernel';
import { notFound } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import type { Page } from '@guanxi/querying';
import { CommaList, Filters, ListParameters, page } from '@guanxi/querying';
import { IsIn, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { STAGES } from '../domain/stages';
import type { DealRow } from './deal-row';
import { deals } from './deals';

export class DealListParameters extends ListParameters {
  @IsOptional() @CommaList() @IsIn(['open', 'won', 'lost'], { each: true }) readonly status?: string[];
  @IsOptional() @CommaList() @IsIn(STAGES, { each: true }) readonly stage?: string[];
  @IsOptional() @IsUUID() readonly owner?: string;
  @IsOptional() @IsUUID() readonly customer?: string;
  @IsOptional() @IsUUID() readonly product?: string;
  @IsOptional() @IsString() @Length(1, 200) readonly externalRef?: string;
}

export type DealItem = Omit<DealRow, 'value' | 'currency'> & {
  readonly id: string;
  readonly value: Money;
  readonly validFrom: Instant;
};

const ITEM = `d.id, d.status, d.stage, json_build_object('amount', d.value, 'currency', d.currency) as value,
  d.opened_at as "openedAt", d.stage_entered_at as "stageEnteredAt", d.moved_at as "movedAt",
  d.closed_at as "closedAt", d.expected_close_on as "expectedCloseOn", d.times_slipped as "timesSlipped",
  d.customer_id as "customerId", d.owner, d.product_id as "productId", d.lines, d.title,
  d.external_ref as "externalRef", d.criteria, d.evidence, d.lost_reason as "lostReason", d.competitor,
  d.valid_from as "validFrom"`;

/** Deals as they were at the moment, filtered, sorted, by page. */
export function dealList(snapshot: Snapshot, parameters: DealListParameters): Promise<Page<DealItem>> {
  return page<DealItem>(snapshot, {
    from: `${snapshot.of(deals)} d`,
    select: ITEM,
    filters: new Filters()
      .oneOf('d.status', parameters.status)
      .oneOf('d.stage', parameters.stage)
      .equals('d.owner', parameters.owner)
      .equals('d.customer_id', parameters.customer)
      .equals('d.product_id', parameters.product)
      .equals('d.external_ref', parameters.externalRef),
    sortable: {
      openedAt: { column: 'd.opened_at', type: 'timestamptz' },
      closedAt: { column: 'd.closed_at', type: 'timestamptz' },
      movedAt: { column: 'd.moved_at', type: 'timestamptz' },
      expectedCloseOn: { column: 'd.expected_close_on', type: 'date' },
      value: { column: 'd.value', type: 'bigint' },
      stage: { column: 'd.stage', type: 'text' },
    },
    defaultSort: '-openedAt',
    parameters,
    idColumn: 'd.id',
  });
}

/** One deal as it was at the moment. @throws DomainError `deal.unknown` when it was not there then */
export async function oneDeal(snapshot: Snapshot, id: string): Promise<DealItem> {
  const [deal] = await snapshot.rows<DealItem>(
    `select ${ITEM} from ${snapshot.of(deals)} d where d.id = $1`,
    [id],
  );
  if (!deal) throw notFound('deal.unknown', 'there is no such deal at this moment');
  return deal;
}
