import type { Instant, Money } from '@guanxi/kernel';
import { notFound } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { selectList } from '@guanxi/projections';
import type { Page } from '@guanxi/querying';
import { CommaList, Filters, ListParameters, page } from '@guanxi/querying';
import { ArrayMaxSize, IsIn, IsOptional, IsString, IsUUID, Length, Matches } from 'class-validator';
import { KINDS } from '../domain/vocabulary';
import type { CustomerRow } from './customer-row';
import { customerColumns } from './customer-row';
import { customers } from './customers';

export class CustomerListParameters extends ListParameters {
  @IsOptional() @CommaList() @IsIn(KINDS, { each: true }) readonly kind?: string[];
  @IsOptional() @CommaList() @IsIn(['prospect', 'active', 'lost'], { each: true }) readonly status?: string[];
  @IsOptional() @IsString() @Length(1, 200) readonly region?: string;
  @IsOptional() @IsString() @Length(1, 200) readonly industry?: string;
  @IsOptional() @IsUUID('all') readonly owner?: string;
  @IsOptional() @IsString() @Length(1, 200) readonly externalRef?: string;
  /** `<name>:<value>`, may be repeated: custom fields that the customer must have. */
  @IsOptional()
  @CommaList()
  @ArrayMaxSize(10)
  @Matches(/^[A-Za-z]\w{0,63}:/, { each: true, message: 'must be <name>:<value>' })
  readonly attribute?: string[];
}

type Amounts = 'yearlyRevenue' | 'currency' | 'revenueLost' | 'revenueLostCurrency';

export type CustomerItem = Omit<CustomerRow, Amounts> & {
  readonly id: string;
  readonly yearlyRevenue: Money | null;
  readonly revenueLost: Money | null;
  /** Since when the customer was as shown. */
  readonly validFrom: Instant;
};

const {
  yearlyRevenue: _y,
  currency: _c,
  revenueLost: _r,
  revenueLostCurrency: _l,
  ...plain
} = customerColumns;

const moneyOf = (amount: string, currency: string): string =>
  `case when ${amount} is not null then json_build_object('amount', ${amount}, 'currency', ${currency}) end`;

const ITEM = `c.id, ${selectList(plain, 'c.')}, ${moneyOf('c.yearly_revenue', 'c.currency')} as "yearlyRevenue",
  ${moneyOf('c.revenue_lost', 'c.revenue_lost_currency')} as "revenueLost", c.valid_from as "validFrom"`;

/** Customers as they were at the moment, filtered, sorted, by page. */
export function customerList(
  snapshot: Snapshot,
  parameters: CustomerListParameters,
): Promise<Page<CustomerItem>> {
  const filters = new Filters()
    .oneOf('c.kind', parameters.kind)
    .oneOf('c.status', parameters.status)
    .equals('c.region', parameters.region)
    .equals('c.industry', parameters.industry)
    .equals('c.owner', parameters.owner)
    .equals('c.external_ref', parameters.externalRef);
  for (const attribute of parameters.attribute ?? []) {
    const colon = attribute.indexOf(':');
    filters.equals(`c.attributes ->> '${attribute.slice(0, colon)}'`, attribute.slice(colon + 1));
  }
  return page<CustomerItem>(snapshot, {
    from: `${snapshot.of(customers)} c`,
    select: ITEM,
    filters,
    sortable: {
      name: { column: 'c.name', type: 'text' },
      externalRef: { column: 'c.external_ref', type: 'text' },
      registeredAt: { column: 'c.registered_at', type: 'timestamptz' },
      activeSince: { column: 'c.active_since', type: 'timestamptz' },
      lostAt: { column: 'c.lost_at', type: 'timestamptz' },
      yearlyRevenue: { column: 'c.yearly_revenue', type: 'bigint' },
    },
    defaultSort: 'name',
    parameters,
    idColumn: 'c.id',
  });
}

/** One customer as it was at the moment. @throws DomainError `customer.unknown` when it was not there then */
export async function oneCustomer(snapshot: Snapshot, id: string): Promise<CustomerItem> {
  const [customer] = await snapshot.rows<CustomerItem>(
    `select ${ITEM} from ${snapshot.of(customers)} c where c.id = $1`,
    [id],
  );
  if (!customer) throw notFound('customer.unknown', 'there is no such customer at this moment');
  return customer;
}
