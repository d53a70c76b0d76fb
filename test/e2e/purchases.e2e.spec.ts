import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, RunningProduct } from '../support/product';
import { runningProduct } from '../support/product';
import { describeRealData, importReal, reference } from '../support/real-data';

const cents = (text: string): number => Math.round(Number(text) * 100);

describeRealData('69,659 purchases of CD buyers', () => {
  const expected = reference('cdnow');
  const period = 'from=1997-01-01T00:00:00Z&to=1998-07-02T00:00:00Z';
  let it_: RunningProduct;

  beforeAll(async () => {
    it_ = await runningProduct();
    const summary = await importReal(it_, 'purchases', 'cdnow/CDNOW_master.txt', 'cdnow-purchases');
    expect(summary).toMatchObject({ read: 69659, accepted: 69659, rejected: 0 });
  });
  afterAll(() => it_.stop());

  it('has the customers, purchases and dollars of the reference', async () => {
    const customers = await it_.get('/v1/churn/history?from=1997-01-01T00:00:00Z&to=1998-07-02T00:00:00Z');
    expect(customers.total).toMatchObject({
      opening: 0,
      new: expected.customers,
      closing: expected.customers,
    });
    const { tiers } = await it_.get(`/v1/segments/pyramid?${period}`);
    const revenue = tiers.reduce((sum: number, tier: Json) => sum + tier.revenue.amount, 0);
    expect(revenue).toBe(cents(expected.dollars));
  });

  it('has the purchases by month and the revenue by quarter of the reference', async () => {
    const months = await it_.get(`/v1/purchases/totals?${period}&by=month`);
    const byMonth = Object.fromEntries(months.groups.map((g: Json) => [g.key.replace('-', ''), g.purchases]));
    expect(byMonth).toEqual(expected.transactions_by_month);
    const quarters = await it_.get(`/v1/purchases/totals?${period}&by=quarter`);
    const byQuarter = Object.fromEntries(
      quarters.groups.map((g: Json) => [g.key.replace('-', ''), g.revenue.amount]),
    );
    const wanted = Object.entries<string>(expected.revenue_by_quarter).map(([q, text]) => [q, cents(text)]);
    expect(byQuarter).toEqual(Object.fromEntries(wanted));
  });

  it('puts 1, 4, 15 and 80 per cent of the customers into the tiers of the pyramid', async () => {
    const { tiers, customers } = await it_.get(`/v1/segments/pyramid?${period}`);
    const n = expected.customers;
    const ends = [0.01, 0.05, 0.2, 1].map((share) => Math.ceil(n * share));
    expect(customers).toBe(n);
    expect(tiers.map((tier: Json) => tier.count)).toEqual(ends.map((end, i) => end - (ends[i - 1] ?? 0)));
    expect(tiers[0].revenue.amount).toBeGreaterThan(cents(expected.top_customer_by_dollars[1]));
  });

  it('scores recency, frequency and money in quintiles', async () => {
    const rfm = await it_.get('/v1/segments/rfm?asOf=1998-07-01T00:00:00Z&window=546');
    const members = rfm.segments.reduce((sum: number, segment: Json) => sum + segment.count, 0);
    expect(members).toBe(expected.customers);
    const [best] = (
      await it_.get('/v1/segments/rfm/customers?asOf=1998-07-01T00:00:00Z&window=546&sort=-monetary&limit=1')
    ).items;
    expect(best.monetary.amount ?? best.monetary).toBe(cents(expected.top_customer_by_dollars[1]));
  });
});

describeRealData('525,461 invoice lines of a wholesaler', () => {
  const expected = reference('online-retail-ii')['2009_2010'];
  let it_: RunningProduct;

  beforeAll(async () => {
    it_ = await runningProduct();
    const summary = await importReal(
      it_,
      'purchases',
      'online-retail-ii/online_retail_2009_2010.csv.gz',
      'online-retail-purchases',
    );
    expect(summary).toMatchObject({
      read: expected.rows,
      accepted: expected.rows - expected.rows_without_customer,
      rejected: expected.rows_without_customer,
    });
  });
  afterAll(() => it_.stop());

  it('reports every line without a customer, by line and rule, and loses none', () => {
    const lines = readFileSync(join(it_.dataDir, 'online-retail-purchases-errors.ndjson'), 'utf8')
      .trim()
      .split('\n');
    const rules = lines.map((line) => (JSON.parse(line) as { rule: string }).rule);
    expect(rules).toHaveLength(expected.rows_without_customer);
    const byRule = (rule: string): number => rules.filter((each) => each === rule).length;
    expect(byRule('adjustment-without-customer')).toBe(expected.adjustment_invoices_A);
    expect(byRule('customer.missing')).toBe(expected.rows_without_customer - expected.adjustment_invoices_A);
  });

  it('has every customer of the reference, read page by page', async () => {
    const names = new Set<string>();
    let cursor = '';
    do {
      const page = await it_.get(`/v1/customers?limit=1000${cursor}`);
      for (const { externalRef } of page.items) names.add(externalRef);
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    expect(names.size).toBe(expected.customers);
  });

  it('has those with an invoice as new customers, and the best of them with the value of the reference', async () => {
    const period = 'from=2009-12-01T00:00:00Z&to=2010-12-10T00:00:00Z';
    const { total } = await it_.get(`/v1/churn/history?${period}`);
    expect(total.new).toBe(expected.customers_with_a_non_cancelled_invoice);
    const { groups } = await it_.get(`/v1/purchases/totals?${period}&by=customer`);
    const [name, value] = expected.top_customer_by_non_cancelled_value as [string, string];
    const best = groups.find((group: Json) => group.key === name);
    expect(best.revenue.amount + best.givenBack.amount).toBe(cents(value));
  });
});
