import { stringify } from 'yaml';
import { runImport, type ImportOptions, type ImportSummary } from './run-import';
import { Scratch } from './testing/scratch';
import type { CommandLine } from './types';

let scratch: Scratch;
beforeEach(() => (scratch = new Scratch()));
afterEach(() => {
  scratch.remove();
});

interface Mapped {
  readonly summary: ImportSummary;
  readonly lines: readonly CommandLine[];
  /** `line rule column` of each problem. */
  readonly problems: readonly string[];
}

/** Maps files without sending anything. */
async function map(
  document: { kind: string },
  contents: readonly string[],
  more: Partial<ImportOptions> = {},
): Promise<Mapped> {
  const lines: CommandLine[] = [];
  const summary = await runImport({
    kind: document.kind,
    files: contents.map((content, index) => scratch.write(`${String(index)}.csv`, content)),
    mappingFile: scratch.write('mapping.yaml', stringify(document)),
    dryRun: true,
    errorsFile: `${scratch.path}/errors.ndjson`,
    onFact: ({ commands }) => lines.push(...commands.map(({ line }) => line)),
    ...more,
  });
  const problems = scratch.lines('errors.ndjson').map((each) => {
    const { line, rule, column, rows } = Object(each) as {
      line: number;
      rule: string;
      column?: string;
      rows: number;
    };
    return [line, rule, column ?? '-', ...(rows > 1 ? [`x${String(rows)}`] : [])].join(' ');
  });
  expect(summary.accepted + summary.unchanged + summary.rejected).toBe(summary.read);
  return { summary, lines, problems };
}

const customers = {
  ...{
    kind: 'customers',
    timeZone: 'Asia/Shanghai',
    currency: 'CNY',
    externalKey: 'id',
    occurredAt: 'since',
  },
  fields: { name: 'name', yearlyRevenue: 'revenue' },
  attributes: { size: { column: 'size', type: 'number' }, vip: { column: 'vip', type: 'boolean' } },
};
const header = 'id,name,since,revenue,size,vip\n';

it('makes the same ids and keys for the same external key, and others for another system', async () => {
  const content = `${header}7,Li,2020-05-01,1000.5,3,yes\n`;
  const [first] = (await map(customers, [content])).lines;
  expect(first).toEqual({
    command: 'RegisterCustomer',
    id: '1e9bd3a7-498e-5d47-91b9-f95ca6c395d1',
    key: 'import:customers:7',
    occurredAt: '2020-04-30T16:00:00.000Z',
    data: {
      name: 'Li',
      externalRef: '7',
      yearlyRevenue: { amount: 100050, currency: 'CNY' },
      attributes: { size: 3, vip: true },
    },
  });
  const [other] = (await map({ ...customers, ...{ system: 'shop' } }, [content])).lines;
  expect(other).toMatchObject({ key: 'import:customers:shop/7', data: { externalRef: '7' } });
  expect(other?.id).not.toBe(first?.id);
});

it('keeps keys within 200 characters', async () => {
  const { lines } = await map(customers, [`${header}${'k'.repeat(300)},Li,2020-05-01,,,\n`]);
  expect(lines[0]?.key).toMatch(/^import:customers:sha256:[0-9a-f]{64}$/);
});

it('reports each bad row with line, column and rule, while the good ones go in', async () => {
  const rows = [
    '1,"Li\nMing",2020-05-01,5,1,no',
    '2,A,2020-02-30,5,1,no',
    '3,B,2020-05-01,five,1,no',
    '4,C,2020-05-01,5,1,perhaps',
    ',D,2020-05-01,5,1,no',
    '6,E,,5,1,no',
    '7,F,2020-05-01,5,1,no,extra',
    '8,G',
    '9,H,2020-05-01,5',
  ];
  const { summary, lines, problems } = await map(customers, [header + rows.join('\r\n')]);
  expect(problems).toEqual([
    '4 date since',
    '5 number revenue',
    '6 boolean vip',
    '7 required id',
    '8 required since',
    '9 row.too-long -',
    '10 row.too-short since',
    '11 row.too-short size',
  ]);
  expect(summary).toMatchObject({ read: 9, accepted: 2, rejected: 7, warnings: 1, facts: 2 });
  expect(lines.map(({ data }) => data['name'])).toEqual(['Li\nMing', 'H']);
});

it('cuts the offending value at 80 characters and tells no other cell', async () => {
  const written: string[] = [];
  const screen = { write: (text: string) => written.push(text) };
  await map(customers, [`${header}1,Secret,${'9'.repeat(500)},5,1,no\n`], { screen });
  const told = written.join('');
  expect(told).toContain(
    `0.csv, line 2, column "since": error: date: "${'9'.repeat(79)}\u2026" is not a date`,
  );
  expect(told).not.toContain('Secret');
  expect(told).toContain('1 row with error date');
});

it('tells twenty problems on the screen and all of them in the file', async () => {
  const written: string[] = [];
  const rows = Array.from({ length: 50 }, (_, index) => `${String(index)},N,never,,,\n`).join('');
  const { problems } = await map(customers, [header + rows], {
    screen: { write: (text: string) => written.push(text) },
  });
  expect(written.filter((text) => text.includes(', line '))).toHaveLength(20);
  expect(written.at(-2)).toMatch(/^and 30 more; all are in .*\n$/);
  expect(written.at(-1)).toBe('50 rows with error date\n');
  expect(problems).toHaveLength(50);
});

it('ends the relationship in a second command, at the key of the row', async () => {
  const document = {
    ...customers,
    endRelationship: {
      ...{ when: { column: 'vip', is: 'gone' }, occurredAt: { value: '2021-01-01' } },
      ...{
        fields: { cause: { value: 'price' }, yearlyRevenueLost: { column: 'revenue', times: 12 } },
        assume: ['cause'],
      },
    },
    attributes: {},
  };
  const { lines, summary } = await map(document, [
    `${header}1,A,2020-01-01,10.05,,gone\n2,B,2020-01-01,1,,no\n`,
  ]);
  expect(summary).toMatchObject({ read: 2, accepted: 2, facts: 3 });
  expect(lines.map(({ key }) => key)).toEqual([
    'import:customers:1',
    'import:customers:1:end',
    'import:customers:2',
  ]);
  expect(lines[1]).toMatchObject({
    command: 'EndRelationship',
    id: lines[0]?.id,
    occurredAt: '2020-12-31T16:00:00.000Z',
    data: { cause: 'price', yearlyRevenueLost: { amount: 12060, currency: 'CNY' }, assumed: ['cause'] },
  });
});

it('says what it assumed where a default had to stand in', async () => {
  const document = {
    ...{ kind: 'deals', currency: 'USD', externalKey: 'id' },
    fields: {
      stage: { column: 'stage', values: { Won: 'won', New: 'E' } },
      openedAt: { column: 'opened', default: '2020-01-01', assume: 'openedAt' },
      value: {
        column: 'value',
        default: { column: 'product', values: { Pen: 3 }, otherwise: 0 },
        assume: 'value',
      },
    },
    lines: { productId: { column: 'product', values: { Pne: 'Pen' } } },
    assume: [{ what: 'criteria', when: { column: 'stage', is: 'Won' } }],
  };
  const rows =
    'id,stage,opened,value,product\n1,Won,2019-05-05,10,Pen\n2,New,,,Pen\n3,New,,,Ink\n4,Gone,,1,Pne\n';
  const { lines, problems } = await map(document, [rows]);
  expect(lines.map(({ data }) => [data['assumed'], data['value']])).toEqual([
    [['criteria'], { amount: 1000, currency: 'USD' }],
    [['openedAt', 'value'], { amount: 300, currency: 'USD' }],
    [['openedAt', 'value'], { amount: 0, currency: 'USD' }],
  ]);
  expect(problems).toEqual(['5 value.not-listed stage']);
});

const invoices = {
  ...{ kind: 'purchases', currency: 'GBP', externalKey: 'no', occurredAt: 'day', group: { window: 3 } },
  fields: { customerId: 'who', kind: { column: 'no', prefixes: { C: 'return' }, otherwise: 'sale' } },
  lines: { product: 'sku', quantity: 'n', price: 'price' },
  reject: [{ rule: 'customer.missing', message: 'no customer', when: { column: 'who', blank: true } }],
  registerCustomers: { fields: { kind: { value: 'end' } } },
};
const lineHeader = 'no,day,who,sku,n,price\n';

it('groups the lines of an invoice that lie near each other, and registers each customer once before', async () => {
  const rows = [
    '1,2020-01-01,a,x,2,1.005',
    '2,2020-01-02,a,y,1,3',
    '1,2020-01-01,a,z,-1,0.125',
    'C3,2020-01-03,b,x,-2,1.005',
  ];
  const { lines, summary } = await map(invoices, [`${lineHeader}${rows.join('\n')}\n`]);
  expect(lines.map(({ key }) => key)).toEqual([
    'import:customers:a',
    'import:purchases:2',
    'import:purchases:1',
    'import:customers:b',
    'import:purchases:C3',
  ]);
  expect(lines[2]?.data).toEqual({
    ...{ customerId: lines[0]?.id, kind: 'sale', externalRef: '1', currency: 'GBP' },
    lines: [
      { product: 'x', quantity: 2, revenue: 201 },
      { product: 'z', quantity: -1, revenue: -12 },
    ],
  });
  expect(lines[4]?.data).toMatchObject({
    kind: 'return',
    lines: [{ product: 'x', quantity: -2, revenue: -201 }],
  });
  expect(summary).toMatchObject({ read: 4, accepted: 4, facts: 5 });
});

it('leaves an invoice out as a whole when one of its lines is bad, before or after the good ones', async () => {
  const rows = [
    '1,2020-01-01,a,x,1,1',
    '1,2020-01-01,a,y,one,1',
    '2,2020-01-01,,x,1,1',
    '2,2020-01-01,b,x,1,1',
    '3,2020-01-01,c,x,1,1',
  ];
  const { lines, problems, summary } = await map(invoices, [`${lineHeader}${rows.join('\n')}\n`]);
  expect(lines.map(({ key }) => key)).toEqual(['import:customers:c', 'import:purchases:3']);
  expect(problems).toEqual([
    '3 number n',
    '4 customer.missing who',
    '2 group.incomplete -',
    '5 group.incomplete -',
  ]);
  expect(summary).toMatchObject({ read: 5, accepted: 1, rejected: 4 });
});

it('refuses an invoice with two customers, and a line that comes too long after its invoice', async () => {
  const other = ['7', '8', '9', '10'].map((no) => `${no},2020-01-01,a,x,1,1`);
  const rows = [
    '1,2020-01-01,a,x,1,1',
    '1,2020-01-01,b,x,1,1',
    '2,2020-01-01,a,x,1,1',
    ...other,
    '2,2020-01-01,a,y,1,1',
  ];
  const { problems, summary } = await map(invoices, [`${lineHeader}${rows.join('\n')}\n`]);
  expect(problems).toEqual(['3 group.customer-differs -', '2 group.incomplete -', '9 group.scattered -']);
  expect(summary).toMatchObject({ read: 8, accepted: 5, rejected: 3 });
});

it('takes amounts whose decimals are left unwritten, and lines on promotion', async () => {
  const document = {
    ...{ ...invoices, scale: 2, group: undefined, reject: [], registerCustomers: undefined },
    lines: { product: 'sku', quantity: 'n', price: 'price', onPromotion: { value: true } },
  };
  const { lines } = await map(document, [`${lineHeader}1,2020-01-01,a,x,2.5,1177\n`]);
  expect(lines[0]?.data['lines']).toEqual([
    { product: 'x', quantity: 2.5, revenue: 2942, onPromotion: true },
  ]);
  const thousands = { ...customers, scale: -3, attributes: {} };
  const [customer] = (await map(thousands, [`${header}1,A,2020-01-01,1.5,,\n`])).lines;
  expect(customer?.data['yearlyRevenue']).toEqual({ amount: 150_000, currency: 'CNY' });
});

it('counts how often a key came before, over files, and refuses one that it had to forget', async () => {
  const document = {
    ...{ kind: 'purchases', currency: 'USD', occurredAt: 'day', source: { format: 'whitespace' } },
    externalKey: { rule: 'occurrence', columns: ['who', 'day'], within: 2 },
    fields: { customerId: 'who' },
    lines: { product: { value: 'CD' }, quantity: 'n', revenue: 'paid' },
  };
  const table = 'who day n paid\n';
  const first = `${table}1 2020-01-01 1 2.00\n1 2020-01-01 1 2.00\n1 2020-01-02 1 0\n`;
  const second = `${table}1 2020-01-01 1 2.00\n2 2020-01-01 1 1\n3 2020-01-01 1 1\n1 2020-01-01 1 2.00\n`;
  const { lines, problems } = await map(document, [first, second]);
  expect(lines.map(({ data }) => data['externalRef'])).toEqual([
    ...['1/2020-01-01/1', '1/2020-01-01/2', '1/2020-01-02/1', '1/2020-01-01/3'],
    ...['2/2020-01-01/1', '3/2020-01-01/1'],
  ]);
  expect(problems).toEqual(['5 key.scattered -']);
});

it('reads NDJSON by the paths that the mapping names', async () => {
  const document = { ...customers, source: { format: 'ndjson' }, fields: { name: 'who.name' } };
  const { lines, problems } = await map(document, [
    '{"id":1,"since":"2020-01-01","who":{"name":"Li"},"vip":true}\n{"id":\n',
  ]);
  expect(lines[0]?.data).toMatchObject({ name: 'Li', attributes: { vip: true } });
  expect(problems).toEqual(['2 ndjson.malformed -']);
});

it.each<[string, string, Partial<ImportOptions>]>([
  ['file.empty', '', {}],
  ['mapping.column-missing', 'id,name\n1,Li\n', {}],
  ['csv.quote-unclosed', `${header}1,"Li,2020-01-01,,,\n`, {}],
  ['kind.unknown', header, { kind: 'people' }],
  ['kind.not-yet', header, { kind: 'responses' }],
  ['mapping.kind', header, { kind: 'sellers' }],
  ['mapping.unreadable', header, { mappingFile: 'no-such.yaml' }],
  ['file.missing', header, { files: [] }],
  ['server.unknown', header, { dryRun: false }],
  ['errors-file', header, { errorsFile: '/no/such/place' }],
])('stops as a whole with %s', async (code, content, more) => {
  await expect(map(customers, [content], more)).rejects.toMatchObject({ name: 'ImportFailure', code });
});

it('names the place of a fault in the YAML', async () => {
  const mappingFile = scratch.write('broken.yaml', 'kind: [customers\n');
  await expect(map(customers, [header], { mappingFile })).rejects.toMatchObject({
    code: 'mapping.yaml',
    message: expect.stringMatching(/broken\.yaml: .*line [12]/s),
  });
});

it('says where keys come from when it has none', async () => {
  await expect(map(customers, [header], { dryRun: false, url: 'http://127.0.0.1:1' })).rejects.toThrow(
    /npm start/,
  );
});
