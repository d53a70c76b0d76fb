import { invalidField, plusMilliseconds } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { products, sellers } from '@guanxi/steering';
import type { Period } from './period';

/** SQL by which customers under the alias `c` fall into groups. */
export interface Split {
  readonly joins: readonly string[];
  readonly key: string;
  readonly id: string;
  readonly label: string;
}

interface Dimension {
  readonly key: string;
  readonly id?: string;
  readonly label?: string;
  readonly joins?: (snapshot: Snapshot) => readonly string[];
}

const NONE = '(none)';

/** Sellers of customers under the alias `c`, as of the snapshot's moment. */
export const sellerJoin = (snapshot: Snapshot): string =>
  `left join ${snapshot.of(sellers)} s on s.id = c.owner`;

/** Columns by which figures split as they are. */
const plain: Readonly<Record<string, string>> = {
  kind: 'c.kind',
  party: 'c.party',
  industry: 'c.industry',
  region: 'c.region',
  sizeBand: 'c.size_band',
  channel: 'c.channel',
  dataSource: 'c.data_source',
  language: 'c.language',
  cause: 'c.cause',
  responsible: 'c.responsible',
  destination: 'c.destination',
};

const NAMES = [...Object.keys(plain), 'owner', 'department', 'product', 'tenure', 'attributes.<name>'];

/**
 * Reads `by`: one name or several between commas, whose values are then joined by ` | `.
 * A customer with several product interests counts in the group of each.
 * @throws DomainError `input.invalid` for a name that figures cannot be split by
 */
export function splitBy(names: readonly string[], snapshot: Snapshot, period: Period): Split {
  const dimensions = names.map((name) => dimensionOf(name, period));
  const [first, second] = dimensions;
  const joins = new Set(dimensions.flatMap((dimension) => dimension.joins?.(snapshot) ?? []));
  const keys = dimensions.map(({ key }) => `coalesce(${key}, '${NONE}')`);
  const labels = dimensions.map(({ key, label = key }) => `coalesce(${label}, ${key}, '${NONE}')`);
  return {
    joins: [...joins],
    key: keys.join(` || ' | ' || `),
    label: labels.join(` || ' | ' || `),
    id: (second === undefined ? first?.id : undefined) ?? 'null::text',
  };
}

function dimensionOf(name: string, period: Period): Dimension {
  const column = Object.hasOwn(plain, name) ? plain[name] : undefined;
  if (column) return { key: column };
  const attribute = /^attributes\.([A-Za-z]\w{0,63})$/.exec(name)?.[1];
  if (attribute) return { key: `c.attributes ->> '${attribute}'` };
  switch (name) {
    case 'owner':
      return {
        key: 's.external_ref, c.owner::text',
        id: 'c.owner::text',
        label: 's.name',
        joins: (snapshot) => [sellerJoin(snapshot)],
      };
    case 'department':
      return { key: 's.department', joins: (snapshot) => [sellerJoin(snapshot)] };
    case 'product':
      return { key: 'interest', id: 'p.id::text', label: 'p.name', joins: productJoins };
    case 'tenure':
      return { key: 'tenure.band', joins: () => [tenureJoin(period)] };
    default:
      throw invalidField('by', 'isIn', `must be one of ${NAMES.join(', ')}`);
  }
}

const productJoins = (snapshot: Snapshot): readonly string[] => [
  `left join lateral unnest(c.product_interests) as interest on true`,
  `left join lateral (select p.id, p.name from ${snapshot.of(products)} p
                       where p.external_ref = interest or p.id::text = interest
                       order by p.id limit 1) p on true`,
];

/** Whole months as a customer, up to the end of the period or to the loss in it; `offset 0` has them reckoned once. */
function tenureJoin({ to, end }: Period): string {
  const until = end < plusMilliseconds(to, -1) ? end : to;
  const age = `age(coalesce(c.lost_at, '${until}'::timestamptz) at time zone 'UTC', c.active_since at time zone 'UTC')`;
  return `cross join lateral (select case when months < 1 then '00' when months <= 12 then '01-12'
                                          when months <= 24 then '13-24' when months <= 48 then '25-48'
                                          when months <= 72 then '49-72' else '73+' end as band
                                from (select extract(year from age) * 12 + extract(month from age) as months
                                        from (select ${age} as age offset 0) aged offset 0) counted offset 0) tenure`;
}
