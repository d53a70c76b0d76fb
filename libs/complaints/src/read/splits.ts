import { customers } from '@guanxi/customers';
import { invalidField } from '@guanxi/kernel';
import type { AnyReadModel, Snapshot } from '@guanxi/projections';
import { columnOf } from '@guanxi/projections';
import { products, sellers } from '@guanxi/steering';

/** SQL of a split of complaints `c`: a group's key, id and label, and what must be joined for them. */
export interface Split {
  readonly key: string;
  readonly id: string;
  readonly label: string;
  readonly join: string;
  /** Periods come in the order of time, all else by size. */
  readonly inTime: boolean;
}

const NONE = `'(none)'`;

const fields = ['cause', 'channel', 'region', 'severity', 'level', 'complainantType', 'status'];

const periods: Readonly<Record<string, string>> = { month: 'YYYY-MM', week: 'IYYY-"W"IW', day: 'YYYY-MM-DD' };

/** Models with a name for what a complaint refers to. */
const named: Readonly<Record<string, { readonly column: string; readonly model: AnyReadModel }>> = {
  customer: { column: 'customer_id', model: customers },
  owner: { column: 'owner', model: sellers },
};

/** The models that splits look into. */
export const splitModels = [products, sellers, customers];

/**
 * The split that `by` asks for.
 * @throws DomainError `input.invalid` for one that does not exist
 */
export function splitBy(snapshot: Snapshot, by: string): Split {
  if (fields.includes(by)) return plain(`c.${columnOf(by)}::text`);
  if (by === 'product') return productSplit(snapshot);
  const reference = Object.hasOwn(named, by) ? named[by] : undefined;
  if (reference) return referenceSplit(snapshot, reference.column, reference.model);
  const period = Object.hasOwn(periods, by) ? periods[by] : undefined;
  if (period) return { ...plain(`to_char(c.filed_at at time zone 'UTC', '${period}')`), inTime: true };
  const attribute = /^attributes\.([A-Za-z]\w{0,63})$/.exec(by)?.[1];
  if (attribute) return plain(`c.attributes ->> '${attribute}'`);
  const names = ['product', ...Object.keys(named), ...fields, ...Object.keys(periods), 'attributes.<name>'];
  throw invalidField('by', 'isIn', `must be one of ${names.join(', ')}`);
}

/** All in one group. */
export const noSplit: Split = { key: `''`, id: 'null', label: `''`, join: '', inTime: false };

function plain(value: string): Split {
  const key = `coalesce(${value}, ${NONE})`;
  return { key, id: 'null', label: key, join: '', inTime: false };
}

function referenceSplit(snapshot: Snapshot, column: string, model: AnyReadModel): Split {
  const key = `coalesce(n.external_ref, c.${column}::text, ${NONE})`;
  return {
    key,
    id: `c.${column}::text`,
    label: `coalesce(n.name, ${key})`,
    join: `left join ${snapshot.of(model)} n on n.id = c.${column}`,
    inTime: false,
  };
}

/** A complaint names its product in words, by id or by external reference: each word is looked up once. */
function productSplit(snapshot: Snapshot): Split {
  const key = `coalesce(n.external_ref, n.id::text, c.product, ${NONE})`;
  return {
    key,
    id: 'n.id::text',
    label: `coalesce(n.name, ${key})`,
    join: `left join (
             select w.word, p.*
               from (select distinct product as word from chosen where product is not null) w
              cross join lateral (
                select p.id, p.external_ref, p.name from ${snapshot.of(products)} p
                 where p.id::text = w.word or p.external_ref = w.word
                 order by p.id limit 1) p) n on n.word = c.product`,
    inTime: false,
  };
}
