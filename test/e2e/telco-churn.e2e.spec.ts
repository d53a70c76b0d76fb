import type { Json, RunningProduct } from '../support/product';
import { runningProduct } from '../support/product';
import { describeRealData, importReal, reference } from '../support/real-data';

const set = 'telco-churn';
const month = 'from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z';

describeRealData('7,043 customers of a telephone company and who left in the snapshot month', () => {
  const expected = reference(set);
  let it_: RunningProduct;

  beforeAll(async () => {
    it_ = await runningProduct();
    const summary = await importReal(
      it_,
      'customers',
      `${set}/telco-customer-churn-by-IBM.csv`,
      'telco-customers',
    );
    expect(summary).toMatchObject({ read: 7043, accepted: 7043, rejected: 0 });
  });
  afterAll(() => it_.stop());

  it('lost 1,869 in the month, and the identity holds', async () => {
    const { total } = await it_.get(`/v1/churn/history?${month}`);
    expect(total.lost).toBe(expected.churned);
    expect(total.opening + total.new).toBe(expected.customers);
    expect(total.opening + total.new + total.returned - total.lost).toBe(total.closing);
    expect((total.lost / (total.opening + total.new)) * 100).toBeCloseTo(expected.churn_pct, 3);
    expect(total.rateOnClosing).toBeCloseTo(total.lost / total.closing, 10);
    expect(total.rateOnOpening).toBeCloseTo(total.lost / total.opening, 10);
  });

  it('lost the monthly charges of the reference as revenue, twelve times a year', async () => {
    const { total } = await it_.get(`/v1/churn/history?${month}`);
    expect(total.revenueLost.amount).toBe(Math.round(Number(expected.monthly_charges_lost) * 100) * 12);
  });

  it.each([
    ['attributes.contract', 'by_contract'],
    ['attributes.internetService', 'by_internet'],
    ['tenure', 'by_tenure_band'],
  ])('splits by %s as the reference does', async (by, name) => {
    const { groups } = await it_.get(`/v1/churn/history?${month}&by=${by}`);
    const found = Object.fromEntries(
      groups.map((g: Json) => [g.key, { customers: g.opening + g.new + g.returned, churned: g.lost }]),
    );
    const wanted = Object.entries<Json>(expected[name]);
    expect(wanted.length).toBeGreaterThan(2);
    for (const [key, { customers, churned }] of wanted) {
      expect([key, found[key]]).toEqual([key, { customers, churned }]);
    }
    for (const g of groups) expect(g.opening + g.new + g.returned - g.lost).toBe(g.closing);
  });

  it('had all of them before the month of the snapshot, and none before the first came', async () => {
    const before = await it_.get('/v1/churn/history?from=2019-12-01T00:00:00Z&to=2020-01-01T00:00:00Z');
    expect(before.total).toMatchObject({ lost: 0, closing: expected.customers - 11 });
    const long = await it_.get('/v1/churn/history?from=2010-01-01T00:00:00Z&to=2010-02-01T00:00:00Z');
    expect(long.total).toMatchObject({ opening: 0, closing: 0 });
  });
});
