import { ImportFailure } from '../types';
import { Columns } from './columns';
import { parseMapping } from './document';
import { ImportMemory, compilePlan } from './plan';

const customers = { kind: 'customers', externalKey: 'id', occurredAt: 'since', fields: { name: 'name' } };
const purchases = {
  ...{
    kind: 'purchases',
    currency: 'EUR',
    externalKey: 'no',
    occurredAt: 'day',
    fields: { customerId: 'who' },
  },
  lines: { product: 'sku', quantity: 'n', price: 'price' },
};
const header = ['id', 'name', 'since', 'no', 'day', 'who', 'sku', 'n', 'price'];

/** What is wrong with a mapping: code and message. */
function wrong(document: unknown, columns: readonly string[] = header): string {
  try {
    const mapping = parseMapping(document);
    const bound = new Columns(columns, 'table.csv');
    compilePlan(mapping, bound, new ImportMemory(mapping));
    bound.check();
  } catch (error) {
    if (error instanceof ImportFailure) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing';
}

it('takes a plain mapping', () => {
  expect(wrong(customers)).toBe('nothing');
  expect(wrong(purchases)).toBe('nothing');
});

it.each<[string, unknown]>([
  ['mapping.unknown-key: feilds: unknown key; known here: kind', { ...customers, feilds: {} }],
  ['mapping.unknown-key: fields.name.colum: unknown key', { ...customers, fields: { name: { colum: 'x' } } }],
  ['mapping.unknown-key: source.seperator', { ...customers, source: { seperator: ';' } }],
  [
    'mapping.field: fields.nmae: RegisterCustomer has no such field; it has name, kind',
    { ...customers, fields: { nmae: 'name' } },
  ],
  ['mapping.field: lines.sku: no such field', { ...purchases, lines: { ...purchases.lines, sku: 'sku' } }],
  ['mapping.field: attributes: RecordPurchase has none', { ...purchases, attributes: { a: 'name' } }],
  ['mapping.field: assume: name: RegisterCustomer takes no assumptions', { ...customers, assume: ['name'] }],
  ['mapping.required: externalKey is missing', { ...customers, externalKey: undefined }],
  ['mapping.required: occurredAt is missing', { ...customers, occurredAt: undefined }],
  [
    'mapping.required: fields.name is missing: DefineProduct needs it',
    { kind: 'products', externalKey: 'id' },
  ],
  [
    'mapping.required: lines.quantity is missing',
    { ...purchases, lines: { product: 'sku', price: 'price' } },
  ],
  [
    'mapping.required: lines needs either revenue or price',
    { ...purchases, lines: { ...purchases.lines, revenue: 'n' } },
  ],
  [
    'mapping.required: fields.name: needs either column',
    { ...customers, fields: { name: { default: 'x' } } },
  ],
  [
    'mapping.required: reject[0].when: needs one of',
    { ...customers, reject: [{ rule: 'a', when: { column: 'id' } }] },
  ],
  ['mapping.currency: currency is missing', { ...purchases, currency: undefined }],
  ['mapping.type: currency: expected an ISO 4217 code', { ...purchases, currency: 'EURO' }],
  ['mapping.type: timeZone: expected an IANA time zone', { ...customers, timeZone: 'Mars/Base' }],
  [
    'mapping.type: source.encoding: expected a known encoding',
    { ...customers, source: { encoding: 'utf-9' } },
  ],
  ['mapping.type: group.window: expected a whole number', { ...purchases, group: { window: 0 } }],
  ['mapping.type: rounding: expected one of half-even', { ...purchases, rounding: 'up' }],
  ['mapping.type: kind: expected one of', { ...customers, kind: 'people' }],
  ['mapping.type: the mapping: expected keys', 'text'],
  ['mapping.kind: group is for purchases, not for customers', { ...customers, group: {} }],
  [
    'mapping.kind: group needs externalKey.rule columns',
    { ...purchases, group: {}, externalKey: { columns: ['no'], rule: 'occurrence' } },
  ],
  [
    'mapping.column-missing: table.csv has no column "nome"; it has "id", "name"',
    { ...customers, fields: { name: 'nome' } },
  ],
])('%s', (message, document) => {
  expect(wrong(document)).toContain(message);
});

it('refuses a column that the file has twice', () => {
  expect(wrong(customers, ['id', 'name', 'name', 'since'])).toContain(
    'mapping.column-ambiguous: table.csv has two columns "name"',
  );
});
