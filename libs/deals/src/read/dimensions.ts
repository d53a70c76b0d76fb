import { customerTiers, customers } from '@guanxi/customers';
import { invalidField } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { products, sellers } from '@guanxi/steering';
import { Filters, IsCurrencyCode } from '@guanxi/querying';
import { IsOptional, IsString, Length, Matches } from 'class-validator';

/** Which deals a figure is about, and by what it is split. */
export class DealSelection {
  /** `owner`, `manager`, `department`, `region`, `product`, `family`, `customer`, `tier`, `currency`, or `customer.<field>`. */
  @IsOptional() @IsString() @Length(1, 100) readonly by?: string;
  @IsOptional() @IsString() @Length(1, 200) readonly owner?: string;
  @IsOptional() @IsString() @Length(1, 200) readonly region?: string;
  @IsOptional() @IsString() @Length(1, 200) readonly product?: string;
  @IsOptional() @IsString() @Length(1, 200) readonly customer?: string;
  @IsOptional() @Matches(/^(vip|large|medium|small)$/) readonly tier?: string;
  /** Currency of the answer; amounts in others are converted at the rate of the as-of day. */
  @IsOptional() @IsCurrencyCode() readonly currency?: string;
}

type Join = 'seller' | 'product' | 'customer' | 'tier';

interface Dimension {
  readonly key: string;
  readonly id: string;
  readonly label: string;
  readonly joins: readonly Join[];
}

const attribute = (key: string, joins: readonly Join[]): Dimension => ({
  key,
  id: 'null',
  label: key,
  joins,
});

const dimensions: Readonly<Record<string, Dimension>> = {
  owner: { key: 's.external_ref, d.owner::text', id: 'd.owner::text', label: 's.name', joins: ['seller'] },
  product: {
    key: 'p.external_ref, d.product_id::text',
    id: 'd.product_id::text',
    label: 'p.name',
    joins: ['product'],
  },
  customer: {
    key: 'c.external_ref, d.customer_id::text',
    id: 'd.customer_id::text',
    label: 'c.name',
    joins: ['customer'],
  },
  region: attribute('s.region, c.region', ['seller', 'customer']),
  manager: attribute('s.manager', ['seller']),
  department: attribute('s.department', ['seller']),
  family: attribute('p.family', ['product']),
  tier: attribute('t.tier', ['tier']),
  currency: attribute('d.currency', []),
  'customer.industry': attribute('c.industry', ['customer']),
  'customer.region': attribute('c.region', ['customer']),
  'customer.kind': attribute('c.kind', ['customer']),
  'customer.sizeBand': attribute('c.size_band', ['customer']),
};

const periods: Readonly<Record<string, string>> = { month: 'YYYY-MM', quarter: 'YYYY-"Q"Q', year: 'YYYY' };

const NONE = '(none)';

/** SQL of a selection over deals or their movements under the alias `d`. */
export interface Selected {
  readonly joins: string;
  readonly filters: Filters;
  /** SQL expressions of a group's key, id and label; constants when the figure is not split. */
  readonly key: string;
  readonly id: string;
  readonly label: string;
}

/**
 * Turns a selection into SQL; joins only what it needs.
 * @param moments the column by which `month`, `quarter` and `year` split; none where a figure has no period
 * @throws DomainError `input.invalid` for a split that does not exist
 */
export function select(snapshot: Snapshot, selection: DealSelection, moments?: string): Selected {
  const { by, owner, region, product, customer, tier } = selection;
  const split = by === undefined ? undefined : dimensionOf(by, moments);
  const joins = new Set<Join>(split?.joins ?? []);
  if (owner !== undefined) joins.add('seller');
  if (region !== undefined) joins.add('seller').add('customer');
  if (product !== undefined) joins.add('product');
  if (customer !== undefined) joins.add('customer');
  if (tier !== undefined) joins.add('tier');
  const filters = new Filters()
    .anyEquals(['d.owner', 's.external_ref'], owner)
    .equals('coalesce(s.region, c.region)', region)
    .anyEquals(['d.product_id', 'p.external_ref'], product)
    .anyEquals(['d.customer_id', 'c.external_ref'], customer)
    .equals('t.tier', tier);
  return {
    joins: [...joins].map((join) => joinSql(snapshot, join)).join('\n'),
    filters,
    key: split ? `coalesce(${split.key}, '${NONE}')` : `''::text`,
    id: split ? split.id : 'null::text',
    label: split ? `coalesce(${split.label}, ${split.key}, '${NONE}')` : `''::text`,
  };
}

function dimensionOf(by: string, moments: string | undefined): Dimension {
  const known = Object.hasOwn(dimensions, by) ? dimensions[by] : undefined;
  if (known) return known;
  const period = Object.hasOwn(periods, by) ? periods[by] : undefined;
  if (period && moments) return attribute(`to_char(${moments} at time zone 'UTC', '${period}')`, []);
  const custom = /^customer\.attributes\.([A-Za-z]\w{0,63})$/.exec(by)?.[1];
  if (custom) return attribute(`c.attributes ->> '${custom}'`, ['customer']);
  const names = [
    ...Object.keys(dimensions),
    ...(moments ? Object.keys(periods) : []),
    'customer.attributes.<name>',
  ];
  throw invalidField('by', 'isIn', `must be one of ${names.join(', ')}`);
}

function joinSql(snapshot: Snapshot, join: Join): string {
  switch (join) {
    case 'seller':
      return `left join ${snapshot.of(sellers)} s on s.id = d.owner`;
    case 'product':
      return `left join ${snapshot.of(products)} p on p.id = d.product_id`;
    case 'customer':
      return `left join ${snapshot.of(customers)} c on c.id = d.customer_id`;
    case 'tier':
      return `left join ${customerTiers(snapshot)} t on t.customer_id = d.customer_id`;
  }
}
