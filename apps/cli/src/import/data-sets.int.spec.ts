import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { multiply, parseDecimal } from './mapping/decimal';
import { loadMapping } from './mapping/load';
import { runImport, type ImportSummary } from './run-import';
import { readRecords } from './source/records';
import { Scratch } from './testing/scratch';
import { importKinds, type CommandLine, type ImportKind } from './types';

// The larger files take some seconds on a busy machine.
jest.setTimeout(120_000);

const folder = join(process.cwd(), '../shared/data');
const present = existsSync(join(folder, 'reference.json'));
const mapping = (name: string): string => join(process.cwd(), 'examples/mappings', `${name}.yaml`);
const withData = present ? describe : describe.skip;

/** Figures that others computed from the same files. */
const reference = (): Record<string, never> =>
  JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as Record<string, never>;

interface DryRun {
  readonly summary: ImportSummary;
  readonly lines: readonly CommandLine[];
  readonly problems: readonly { readonly line: number; readonly rule: string; readonly column?: string }[];
}

async function dryRun(kind: ImportKind, mappingName: string, file: string): Promise<DryRun> {
  const scratch = new Scratch();
  const lines: CommandLine[] = [];
  try {
    const summary = await runImport({
      ...{ kind, files: [join(folder, file)], mappingFile: mapping(mappingName), dryRun: true },
      errorsFile: join(scratch.path, 'errors.ndjson'),
      onFact: ({ commands }) => lines.push(...commands.map(({ line }) => line)),
    });
    expect(summary.accepted + summary.rejected).toBe(summary.read);
    return { summary, lines, problems: scratch.lines('errors.ndjson') as DryRun['problems'] };
  } finally {
    scratch.remove();
  }
}

type Values = Readonly<Record<string, unknown>>;
const dataOf = (lines: readonly CommandLine[], command: string): Values[] =>
  lines.filter((line) => line.command === command).map(({ data }) => data);
const attributesOf = ({ attributes }: Values): Values => Object(attributes) as Values;
const amountOf = (money: unknown): number => (money as { amount: number }).amount;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const revenueOf = ({ lines }: Values): number =>
  sum((lines as { revenue: number }[]).map(({ revenue }) => revenue));
/** A decimal text in hundredths. */
const hundredths = (text: string): number => Math.round(Number(text) * 100);

function tally<T>(items: readonly T[], of: (item: T) => unknown): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[String(of(item))] = (counts[String(of(item))] ?? 0) + 1;
  return counts;
}

if (!present)
  it.skip(`the public data sets are absent: no ${'../shared/data'} beside the project`, () => undefined);

it('has a mapping for every kind, and each is read', () => {
  const names: [string, ImportKind][] = [
    ['crm-products', 'products'],
    ['crm-sellers', 'sellers'],
    ['crm-accounts', 'customers'],
    ['crm-deals', 'deals'],
    ['telco-customers', 'customers'],
    ['cdnow-purchases', 'purchases'],
    ['online-retail-purchases', 'purchases'],
    ['cfpb-complaints', 'complaints'],
  ];
  for (const [name, kind] of names) expect(loadMapping(mapping(name), kind).mapping.kind).toBe(kind);
  expect(new Set(names.map(([, kind]) => kind))).toEqual(new Set(importKinds));
});

withData('CRM sales opportunities', () => {
  it('gives 8,800 deals by stage and value, whose sellers, products and accounts are those of the other files', async () => {
    const expected = reference()['crm-sales-opportunities'] as unknown as {
      rows: number;
      stages: Record<string, number>;
      won_value_total: number;
      rows_without_account: number;
      by_agent: Record<string, { won: number; lost: number; won_value: number }>;
      by_close_quarter: Record<string, { won: number; lost: number; won_value: number }>;
    };
    const deals = await dryRun('deals', 'crm-deals', 'crm-sales-opportunities/sales_pipeline.csv');
    const products = await dryRun('products', 'crm-products', 'crm-sales-opportunities/products.csv');
    const sellers = await dryRun('sellers', 'crm-sellers', 'crm-sales-opportunities/sales_teams.csv');
    const accounts = await dryRun('customers', 'crm-accounts', 'crm-sales-opportunities/accounts.csv');
    expect([deals, products, sellers, accounts].map(({ summary }) => summary.accepted)).toEqual([
      expected.rows,
      7,
      35,
      85,
    ]);

    const data = dataOf(deals.lines, 'ImportDeal');
    const { Won, Lost, Engaging, Prospecting } = expected.stages;
    expect(tally(data, ({ stage }) => stage)).toEqual({ won: Won, lost: Lost, C: Engaging, E: Prospecting });
    const won = data.filter(({ stage }) => stage === 'won');
    expect(sum(won.map(({ value }) => amountOf(value)))).toBe(expected.won_value_total * 100);
    expect(data.filter(({ customerId }) => customerId === undefined)).toHaveLength(
      expected.rows_without_account,
    );

    const idsOf = ({ lines }: DryRun): Set<unknown> => new Set(lines.map(({ id }) => id));
    const known = { owner: idsOf(sellers), product: idsOf(products), customer: idsOf(accounts) };
    for (const { owner, customerId, lines } of data) {
      expect(known.owner.has(owner)).toBe(true);
      expect(customerId === undefined || known.customer.has(customerId)).toBe(true);
      expect((lines as { productId: string }[]).every(({ productId }) => known.product.has(productId))).toBe(
        true,
      );
    }
    for (const { id, data: seller } of sellers.lines) {
      const own = won.filter(({ owner }) => owner === id);
      const agent = expected.by_agent[seller['name'] as string];
      expect([own.length, sum(own.map(({ value }) => amountOf(value)))]).toEqual([
        agent?.won ?? 0,
        (agent?.won_value ?? 0) * 100,
      ]);
    }
    const quarter = ({ closedAt }: Values): string =>
      `${String(closedAt).slice(0, 4)}-Q${String(Math.ceil(Number(String(closedAt).slice(5, 7)) / 3))}`;
    expect(tally(won, quarter)).toEqual(
      Object.fromEntries(
        Object.entries(expected.by_close_quarter).map(([key, { won: count }]) => [key, count]),
      ),
    );
    expect(tally(data, ({ assumed }) => (assumed as string[]).join(' '))).toEqual({
      'firstMeeting criteria verbalAgreement evidence': Won,
      'firstMeeting lossReason': Lost,
      'value firstMeeting': Engaging,
      'openedAt value': Prospecting,
    });
  });
});

withData('telco churn', () => {
  it('gives 7,043 customers, 1,869 of them lost on the snapshot day, by contract, internet and tenure', async () => {
    type Split = Record<string, { customers: number; churned: number }>;
    const expected = reference()['telco-churn'] as unknown as {
      customers: number;
      churned: number;
      monthly_charges_lost: string;
      monthly_charges_total: string;
      by_contract: Split;
      by_internet: Split;
      by_tenure_band: Split;
    };
    const { summary, lines } = await dryRun(
      'customers',
      'telco-customers',
      'telco-churn/telco-customer-churn-by-IBM.csv',
    );
    expect(summary).toMatchObject({ read: expected.customers, facts: expected.customers + expected.churned });
    const ended = lines.filter(({ command }) => command === 'EndRelationship');
    expect(new Set(ended.map(({ occurredAt }) => occurredAt))).toEqual(new Set(['2020-01-15T08:00:00.000Z']));
    expect(sum(ended.map(({ data }) => amountOf(data['yearlyRevenueLost'])))).toBe(
      hundredths(expected.monthly_charges_lost) * 12,
    );
    const registered = lines.filter(({ command }) => command === 'RegisterCustomer');
    expect(sum(registered.map(({ data }) => amountOf(data['yearlyRevenue'])))).toBe(
      hundredths(expected.monthly_charges_total) * 12,
    );

    const lost = new Set(ended.map(({ id }) => id));
    const split = (attribute: string): Split => {
      const found: Split = {};
      for (const { id, data } of registered) {
        const key = String(attributesOf(data)[attribute]);
        const group = (found[key] ??= { customers: 0, churned: 0 });
        group.customers += 1;
        if (lost.has(id)) group.churned += 1;
      }
      return found;
    };
    expect(expected.by_contract).toMatchObject(split('contract'));
    expect(expected.by_internet).toMatchObject(split('internetService'));
    expect(expected.by_tenure_band).toMatchObject(split('tenureBand'));
    expect(registered.filter(({ data }) => attributesOf(data)['totalCharges'] === undefined)).toHaveLength(
      11,
    );
  });
});

withData('CDNOW', () => {
  it('gives 69,659 purchases of 23,570 customers with a key each, by month and quarter', async () => {
    const expected = reference()['cdnow'] as unknown as {
      transactions: number;
      customers: number;
      cds: number;
      dollars: string;
      rows_with_zero_dollars: number;
      transactions_by_month: Record<string, number>;
      revenue_by_quarter: Record<string, string>;
      top_customer_by_dollars: [string, string];
    };
    const { summary, lines } = await dryRun('purchases', 'cdnow-purchases', 'cdnow/CDNOW_master.txt');
    expect(summary).toMatchObject({
      read: expected.transactions,
      accepted: expected.transactions,
      warnings: 0,
    });
    expect(new Set(lines.map(({ key }) => key)).size).toBe(expected.transactions + expected.customers);
    const purchases = lines.filter(({ command }) => command === 'RecordPurchase');
    expect(sum(purchases.map(({ data }) => revenueOf(data)))).toBe(hundredths(expected.dollars));
    expect(purchases.filter(({ data }) => revenueOf(data) === 0)).toHaveLength(
      expected.rows_with_zero_dollars,
    );
    expect(
      sum(
        purchases.map(({ data }) =>
          sum((data['lines'] as { quantity: number }[]).map(({ quantity }) => quantity)),
        ),
      ),
    ).toBe(expected.cds);
    const month = ({ occurredAt }: CommandLine): string => (occurredAt ?? '').slice(0, 7).replace('-', '');
    expect(tally(purchases, month)).toEqual(expected.transactions_by_month);
    const top = dataOf(lines, 'RegisterCustomer').findIndex(
      ({ externalRef }) => externalRef === expected.top_customer_by_dollars[0],
    );
    const topId = lines.filter(({ command }) => command === 'RegisterCustomer')[top]?.id;
    const ofTop = purchases.filter(({ data }) => data['customerId'] === topId);
    expect(sum(ofTop.map(({ data }) => revenueOf(data)))).toBe(
      hundredths(expected.top_customer_by_dollars[1]),
    );
  });
});

withData('online retail', () => {
  const file = 'online-retail-ii/online_retail_2009_2010.csv.gz';
  interface Expected {
    rows: number;
    invoices: number;
    customers: number;
    rows_without_customer: number;
    adjustment_invoices_A: number;
    sum_quantity_times_price: string;
    top_customer_by_non_cancelled_value: [string, string];
  }
  const expected = (): Expected =>
    (reference()['online-retail-ii'] as unknown as { '2009_2010': Expected })['2009_2010'];

  it('groups lines to invoices and reports every line without customer', async () => {
    const figures = expected();
    const { summary, lines, problems } = await dryRun('purchases', 'online-retail-purchases', file);
    expect(summary).toMatchObject({
      read: figures.rows,
      rejected: figures.rows_without_customer,
      warnings: 0,
    });
    expect(tally(problems, ({ rule }) => rule)).toEqual({
      'adjustment-without-customer': figures.adjustment_invoices_A,
      'customer.missing': figures.rows_without_customer - figures.adjustment_invoices_A,
    });
    const purchases = dataOf(lines, 'RecordPurchase');
    const registered = lines.filter(({ command }) => command === 'RegisterCustomer');
    expect(registered).toHaveLength(figures.customers);
    expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
    expect(sum(purchases.map(({ lines: each }) => (each as unknown[]).length))).toBe(summary.accepted);
    expect(
      purchases.every(({ kind, externalRef }) => (kind === 'return') === String(externalRef).startsWith('C')),
    ).toBe(true);
    const [top, value] = figures.top_customer_by_non_cancelled_value;
    const topId = registered.find(({ data }) => data['externalRef'] === top)?.id;
    const sales = purchases.filter(({ customerId, kind }) => customerId === topId && kind === 'sale');
    expect(sum(sales.map(revenueOf))).toBe(hundredths(value));
  });

  it('has 28,816 invoices in all, and rounding its lines moves nine million pounds by 1.4 pence', async () => {
    const figures = expected();
    const source = loadMapping(mapping('online-retail-purchases'), 'purchases').mapping.source;
    const invoices = new Set<string>();
    let rounded = 0;
    let exact = 0;
    for await (const rows of readRecords(join(folder, file), source, () => undefined)) {
      for (const { fields } of rows) {
        const [invoice = '', , , quantity = '', , price = ''] = fields;
        invoices.add(invoice);
        rounded += multiply(parseDecimal(quantity), parseDecimal(price), 2, 'half-even');
        exact += multiply(parseDecimal(quantity), parseDecimal(price), 4, 'half-even');
      }
    }
    expect(invoices.size).toBe(figures.invoices);
    expect(exact).toBe(Math.round(Number(figures.sum_quantity_times_price) * 10_000));
    // 14 lines have three decimals; half-even rounding of theirs comes to 1.4 pence in all.
    expect(Math.abs(rounded * 100 - exact)).toBe(140);
  });
});

withData('CFPB complaints', () => {
  it('gives 8,340 complaints by product and timeliness, and warns of the short last record', async () => {
    const expected = (
      reference()['cfpb-complaints'] as unknown as {
        '2014': {
          complaints: number;
          timely: { Yes: number; No: number };
          disputed: number;
          response: Record<string, number>;
          by_product: Record<string, { complaints: number; untimely: number; disputed: number }>;
          by_channel: Record<string, number>;
        };
      }
    )['2014'];
    const { summary, lines, problems } = await dryRun(
      'complaints',
      'cfpb-complaints',
      'cfpb-complaints/cfpb_2014-10-10_2014-11-13.csv',
    );
    expect(summary).toMatchObject({ read: expected.complaints, accepted: expected.complaints, warnings: 1 });
    expect(problems).toEqual([
      expect.objectContaining({ line: 8341, rule: 'row.too-short', column: 'Consumer disputed?' }),
    ]);
    const data = dataOf(lines, 'ImportComplaint');
    expect(tally(data, ({ answeredInTime }) => answeredInTime)).toEqual({
      true: expected.timely.Yes,
      false: expected.timely.No,
    });
    expect(data.filter((each) => attributesOf(each)['disputed'] === true)).toHaveLength(expected.disputed);
    const split: (typeof expected)['by_product'] = {};
    for (const each of data) {
      const group = (split[String(each['product'])] ??= { complaints: 0, untimely: 0, disputed: 0 });
      group.complaints += 1;
      if (each['answeredInTime'] === false) group.untimely += 1;
      if (attributesOf(each)['disputed'] === true) group.disputed += 1;
    }
    expect(split).toEqual(expected.by_product);
    const { Web, Referral, Phone, 'Postal mail': letter, Fax } = expected.by_channel;
    expect(tally(data, ({ channel }) => channel)).toEqual({
      web: Web,
      referral: Referral,
      phone: Phone,
      letter,
      fax: Fax,
    });
    expect(tally(data, ({ resolution }) => resolution)).toEqual({
      explanation: expected.response['Closed with explanation'],
      'non-monetary-relief': expected.response['Closed with non-monetary relief'],
      'monetary-relief': expected.response['Closed with monetary relief'],
      other: expected.response['Closed'],
      undefined: (expected.response['In progress'] ?? 0) + (expected.response['Untimely response'] ?? 0),
    });
  });
});
