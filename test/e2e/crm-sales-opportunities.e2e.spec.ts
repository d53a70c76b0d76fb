import type { Json, RunningProduct } from '../support/product';
import { runningProduct } from '../support/product';
import { describeRealData, importReal, reference } from '../support/real-data';

const set = 'crm-sales-opportunities';
const period = 'from=2016-01-01T00:00:00Z&to=2018-01-01T00:00:00Z';
const usd = (amount: number): Json => ({ amount: amount * 100, currency: 'USD' });

describeRealData('a real pipeline: products, sellers, accounts and 8,800 deals', () => {
  const expected = reference(set);
  let it_: RunningProduct;

  beforeAll(async () => {
    it_ = await runningProduct();
    await importReal(it_, 'products', `${set}/products.csv`, 'crm-products');
    await importReal(it_, 'sellers', `${set}/sales_teams.csv`, 'crm-sellers');
    await importReal(it_, 'customers', `${set}/accounts.csv`, 'crm-accounts');
    const deals = await importReal(it_, 'deals', `${set}/sales_pipeline.csv`, 'crm-deals');
    expect(deals).toMatchObject({ read: 8800, accepted: 8800, unchanged: 0, rejected: 0 });
  });
  afterAll(() => it_.stop());

  it('has the board of the reference: 1,589 in play, 500 opportunities', async () => {
    const board = await it_.get('/v1/pipeline/board');
    const count = (stage: string): number => board.stages.find((s: Json) => s.stage === stage).count;
    expect(count('C')).toBe(expected.stages.Engaging);
    expect(count('E')).toBe(expected.stages.Prospecting);
    expect(board.total.count).toBe(2089);
    expect(board.prospects.count).toBe(1589);
  });

  it('has the won and lost deals, values, rates and cycle days of the reference', async () => {
    const { total } = await it_.get(`/v1/pipeline/flow?${period}`);
    expect(total.won).toEqual({ count: expected.stages.Won, value: usd(expected.won_value_total) });
    expect(total.lost.count).toBe(expected.stages.Lost);
    expect(total.winRate * 100).toBeCloseTo(expected.win_rate_pct_won_over_won_plus_lost, 4);
    expect(total.meanWonValue.amount).toBeCloseTo(expected.mean_won_value * 100, -1);
    expect(total.cycleDays.won.mean).toBeCloseTo(expected.mean_days_engage_to_close_won, 3);
    expect(total.cycleDays.lost.mean).toBeCloseTo(expected.mean_days_engage_to_close_lost, 3);
    expect(total.cycleDays.won.median).toBe(expected.median_days_won);
    expect(total.cycleDays.lost.median).toBe(expected.median_days_lost);
  });

  it.each([
    ['owner', 'by_agent'],
    ['region', 'by_region'],
    ['customer.industry', 'by_sector'],
  ])('splits by %s as the reference does', async (by, name) => {
    const { groups } = await it_.get(`/v1/pipeline/flow?${period}&by=${by}`);
    const found = new Map<string, Json>(groups.map((group: Json) => [group.key, group]));
    const wanted = Object.entries<Json>(expected[name]);
    expect(wanted.length).toBeGreaterThan(2);
    for (const [key, { won, lost, win_rate_pct, won_value }] of wanted) {
      const group = found.get(key);
      expect([key, group?.won, group?.lost.count]).toEqual([
        key,
        { count: won, value: usd(won_value) },
        lost,
      ]);
      expect(group.winRate * 100).toBeCloseTo(win_rate_pct, 3);
    }
  });

  it('splits by close quarter as the reference does', async () => {
    const { groups } = await it_.get(`/v1/pipeline/flow?${period}&by=quarter`);
    expect(groups.map((group: Json) => group.key)).toEqual([
      '2016-Q4',
      '2017-Q1',
      '2017-Q2',
      '2017-Q3',
      '2017-Q4',
    ]);
    const found = Object.fromEntries(
      groups.map((g: Json) => [
        g.key,
        { won: g.won.count, lost: g.lost.count, value: g.won.value.amount / 100 },
      ]),
    );
    for (const [quarter, { won, lost, won_value }] of Object.entries<Json>(expected.by_close_quarter)) {
      expect([quarter, found[quarter]]).toEqual([quarter, { won, lost, value: won_value }]);
    }
  });

  it('changes its board from any day to any other by opened, won and lost, exactly', async () => {
    const days = ['2016-12-01', '2017-03-15', '2017-06-30', '2017-09-01', '2017-12-31'];
    for (const [index, from] of days.entries()) {
      const to = days[index + 1] ?? '2018-01-01';
      const [before, after, waterfall] = await Promise.all([
        it_.get(`/v1/pipeline/board?asOf=${from}T00:00:00Z`),
        it_.get(`/v1/pipeline/board?asOf=${to}T00:00:00Z`),
        it_.get(`/v1/pipeline/waterfall?from=${from}T00:00:00Z&to=${to}T00:00:00Z`),
      ]);
      const moved = (kind: string): number => waterfall.movements.find((m: Json) => m.kind === kind).count;
      expect(waterfall.opening).toEqual({
        count: before.total.count,
        value: usd(before.total.value.amount / 100),
      });
      expect(waterfall.closing).toEqual({
        count: after.total.count,
        value: usd(after.total.value.amount / 100),
      });
      expect(before.total.count + moved('opened') + moved('won') + moved('lost')).toBe(after.total.count);
      const values = waterfall.movements.reduce((sum: number, m: Json) => sum + m.value.amount, 0);
      expect(waterfall.opening.value.amount + values).toBe(waterfall.closing.value.amount);
    }
  });

  it('knew nothing of all this before the import', async () => {
    const board = await it_.get(
      '/v1/pipeline/board?asOf=2017-06-30T00:00:00Z&asKnownAt=2020-01-01T00:00:00Z',
    );
    expect(board.total.count).toBe(0);
  });

  it('adds nothing when it is imported again', async () => {
    const { position } = await it_.product.store.head();
    const again = await importReal(it_, 'deals', `${set}/sales_pipeline.csv`, 'crm-deals');
    expect(again).toMatchObject({ read: 8800, accepted: 0, unchanged: 8800, rejected: 0 });
    expect((await it_.product.store.head()).position).toBe(position);
  });
});
