import { parseInstant } from '@guanxi/kernel';
import type { Asked, Snapshot } from '@guanxi/projections';
import { steeringContext } from '@guanxi/steering';
import type { RunningContexts } from '../../../../test/support/contexts';
import { runContexts } from '../../../../test/support/contexts';
import { customersContext } from '../customers.context';
import { bought, idNo, record, registered } from '../testing/record';
import { CustomerListParameters, customerList, oneCustomer } from './customer-list';
import { customers } from './customers';
import { PurchaseListParameters, onePurchase, purchaseList } from './purchase-list';
import { PurchaseTotalsParameters, purchaseTotals } from './purchase-totals';
import { purchases } from './purchases';
import { PyramidParameters, customerTiers, pyramid } from './pyramid';
import { RfmListParameters, RfmParameters, rfm, rfmCustomers } from './rfm';

let product: RunningContexts;
beforeEach(async () => {
  product = await runContexts([customersContext, steeringContext]);
});
afterEach(() => product.stop());

const ask = <T extends object>(read: (snapshot: Snapshot) => Promise<T>, asked: Asked = {}) =>
  product.queries.answer([purchases, customers], asked, read);
const totals = (parameters: Partial<PurchaseTotalsParameters>, asked?: Asked) =>
  ask(
    (snapshot) => purchaseTotals(snapshot, Object.assign(new PurchaseTotalsParameters(), parameters)),
    asked,
  );
const tiers = (parameters: Partial<PyramidParameters>, asked?: Asked) =>
  ask((snapshot) => pyramid(snapshot, Object.assign(new PyramidParameters(), parameters)), asked);
const usd = (amount: number) => ({ amount, currency: 'USD' });
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const year = { from: '2025-01-01', to: '2026-01-01' };

describe('purchase totals', () => {
  it('are told whole and by month, quarter, year, customer, channel and currency', async () => {
    await record(product, [
      registered(0, '2024-01-01T00:00:00Z', { name: 'Acme' }),
      bought(0, 0, '2025-01-31T23:59:59Z', { channel: 'web' }),
      bought(1, 0, '2025-02-01T00:00:00Z', { quantity: 2.5, revenue: 300, costOfGoods: 100 }),
      bought(2, 1, '2025-04-01T00:00:00Z', { kind: 'return', quantity: -1, revenue: -50, costOfGoods: 0 }),
      bought(3, 1, '2026-01-01T00:00:00Z'),
    ]);
    expect((await totals(year)).total).toEqual({
      purchases: 2,
      returns: 1,
      refunds: 0,
      customers: 2,
      quantity: 2.5,
      revenue: usd(1_250),
      givenBack: usd(50),
      grossProfit: usd(550),
    });
    const split = async (by: PurchaseTotalsParameters['by']) =>
      (await totals({ ...year, by })).groups.map(
        ({ key, label, revenue }) => `${key}/${label} ${revenue?.amount}`,
      );
    expect(await split('month')).toEqual([
      '2025-01/2025-01 1000',
      '2025-02/2025-02 300',
      '2025-04/2025-04 -50',
    ]);
    expect(await split('quarter')).toEqual(['2025-Q1/2025-Q1 1300', '2025-Q2/2025-Q2 -50']);
    expect(await split('year')).toEqual(['2025/2025 1250']);
    expect(await split('channel')).toEqual(['web/web 1000', '(none)/(none) 250']);
    expect(await split('currency')).toEqual(['USD/USD 1250']);
    const unknown = idNo('customer', 1);
    expect(await split('customer')).toEqual(['C-0/Acme 1300', `${unknown}/${unknown} -50`]);
    expect((await totals({ ...year, customer: 'C-0' })).total.revenue).toEqual(usd(1_300));
    expect((await totals({ ...year, by: 'customer', limit: 1 })).groups).toHaveLength(1);
  });

  it('ask for a currency where amounts do not add up, unless they are split by it', async () => {
    await record(product, [
      bought(0, 0, '2025-01-01T00:00:00Z'),
      bought(1, 0, '2025-01-01T00:00:00Z', { currency: 'GBP' }),
    ]);
    await expect(totals(year)).rejects.toMatchObject({ code: 'currency.ambiguous' });
    const { total, groups } = await totals({ ...year, by: 'currency' });
    expect(total).toMatchObject({ purchases: 2, revenue: null });
    expect(groups.map(({ revenue }) => revenue?.currency).sort()).toEqual(['GBP', 'USD']);
    expect((await totals({ ...year, currency: 'GBP' })).total.revenue).toEqual({
      amount: 1_000,
      currency: 'GBP',
    });
  });

  it('count a refund when it is made, and a correction when the purchase was made', async () => {
    const customerId = idNo('customer', 0);
    const id = idNo('purchase', 0);
    const line = { product: 'P', quantity: 4, revenue: 1_000, costOfGoods: 600 };
    await product.send('RegisterCustomer', customerId, { name: 'Acme' }, '2024-01-01T00:00:00Z');
    await product.send(
      'RecordPurchase',
      id,
      { customerId, currency: 'USD', lines: [line] },
      '2025-01-10T00:00:00Z',
    );
    await product.send(
      'RefundPurchase',
      id,
      { lines: [{ product: 'P', quantity: 1, revenue: 250 }] },
      '2025-02-10T00:00:00Z',
    );
    const before = product.now();
    await product.send('CorrectPurchase', id, { lines: [{ ...line, revenue: 900 }], reason: 'typo' });
    const byMonth = async (asked?: Asked) =>
      (await totals({ ...year, by: 'month' }, asked)).groups.map(({ key, revenue, grossProfit, refunds }) => [
        key,
        revenue?.amount,
        grossProfit?.amount,
        refunds,
      ]);
    expect(await byMonth()).toEqual([
      ['2025-01', 900, 300, 0],
      ['2025-02', -250, -250, 1],
    ]);
    expect(await byMonth({ asKnownAt: before })).toEqual([
      ['2025-01', 1_000, 400, 0],
      ['2025-02', -250, -250, 1],
    ]);
    expect(await byMonth({ asOf: parseInstant('2025-01-31T00:00:00Z') })).toEqual([['2025-01', 900, 300, 0]]);
    expect(await ask((snapshot) => onePurchase(snapshot, id))).toMatchObject({
      customerId,
      revenue: usd(900),
      costOfGoods: usd(600),
      refunded: usd(250),
      corrected: true,
    });

    await product.send('CorrectPurchase', id, { purchasedAt: '2024-12-31T00:00:00Z', reason: 'receipt' });
    expect(await byMonth()).toEqual([['2025-02', -250, -250, 1]]);
    expect((await totals({ from: '2024-12-01', to: '2025-01-01' })).total.revenue).toEqual(usd(900));
    expect(await byMonth({ asKnownAt: before })).toHaveLength(2);
    await expect(
      product.send('RefundPurchase', id, { amount: 651 }, '2025-03-01T00:00:00Z'),
    ).rejects.toMatchObject({ code: 'purchase.refund-exceeds', facts: { left: 650 } });
  });
});

describe('the pyramid', () => {
  it('ranks by gross profit: 1 % VIP, 4 % large, 15 % medium, 80 % small, each boundary rounded up', async () => {
    await record(
      product,
      times(150, (index) =>
        bought(index, index, '2025-05-01T00:00:00Z', { revenue: 10_000, costOfGoods: 10_000 - index }),
      ),
    );
    const answer = await tiers(year);
    expect(answer).toMatchObject({ basis: 'grossProfit', customers: 150 });
    expect(
      answer.tiers.map(({ tier, grade, count, threshold }) => [tier, grade, count, threshold?.amount]),
    ).toEqual([
      ['vip', 'A', 2, 148],
      ['large', 'B', 6, 142],
      ['medium', 'C', 22, 120],
      ['small', 'D', 120, 0],
    ]);
    const all = (149 * 150) / 2;
    expect(answer.tiers[0]).toMatchObject({
      revenue: usd(20_000),
      grossProfit: usd(297),
      shareOfGrossProfit: 297 / all,
      shareOfRevenue: 2 / 150,
    });
    const shares = answer.tiers.map(({ shareOfGrossProfit }) => shareOfGrossProfit ?? 0);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('ranks equals by id, and by revenue where a cost is not known', async () => {
    await record(product, [
      ...times(9, (index) => bought(index, 9 - index, '2025-05-01T00:00:00Z', { costOfGoods: 0 })),
      bought(9, 0, '2025-05-01T00:00:00Z', { revenue: 2_000, costOfGoods: undefined }),
    ]);
    const answer = await tiers(year);
    expect(answer.basis).toBe('revenue');
    expect(answer.tiers.map(({ count }) => count)).toEqual([1, 0, 1, 8]);
    expect(answer.tiers[0]).toMatchObject({
      threshold: usd(2_000),
      grossProfit: null,
      shareOfGrossProfit: null,
    });
    expect(answer.tiers[1]).toMatchObject({ count: 0, threshold: null, revenue: usd(0) });
    expect(await tiers({ ...year, basis: 'grossProfit' })).toMatchObject({ basis: 'grossProfit' });
    const ranked = await ask(
      async (snapshot) => ({
        rows: await snapshot.rows(
          `select * from ${customerTiers(snapshot)} t where tier in ('vip', 'medium')`,
        ),
      }),
      { asOf: parseInstant('2025-12-31T00:00:00Z') },
    );
    expect(ranked.rows).toEqual([
      { customer_id: idNo('customer', 0), tier: 'vip' },
      { customer_id: idNo('customer', 1), tier: 'medium' },
    ]);
  });

  it('looks at the period alone, and at the year up to the as-of moment where none is named', async () => {
    await record(product, [
      bought(0, 0, '2023-05-01T00:00:00Z'),
      bought(1, 1, '2025-05-01T00:00:00Z'),
      bought(2, 2, '2025-06-01T00:00:00Z', { kind: 'return', quantity: -1, revenue: -10 }),
    ]);
    expect((await tiers({}, { asOf: parseInstant('2025-12-01T00:00:00Z') })).customers).toBe(1);
    expect((await tiers({}, { asOf: parseInstant('2024-01-01T00:00:00Z') })).customers).toBe(1);
    expect((await tiers({ from: '2020-01-01' })).customers).toBe(2);
    const empty = await tiers({ from: '2020-01-01', to: '2021-01-01' });
    expect(empty).toMatchObject({ customers: 0, basis: 'grossProfit' });
    expect(empty.tiers[0]).toMatchObject({ count: 0, revenue: null, shareOfRevenue: null });
  });

  it('asks for a currency where amounts do not add up', async () => {
    await record(product, [
      bought(0, 0, '2025-01-01T00:00:00Z'),
      bought(1, 0, '2025-01-01T00:00:00Z', { currency: 'GBP' }),
    ]);
    await expect(tiers(year)).rejects.toMatchObject({ code: 'currency.ambiguous' });
    expect((await tiers({ ...year, currency: 'GBP' })).tiers[0]?.revenue?.currency).toBe('GBP');
  });
});

describe('RFM', () => {
  const asOf = parseInstant('2025-12-31T00:00:00Z');
  const segments = (parameters: Partial<RfmParameters> = {}, at = asOf) =>
    ask((snapshot) => rfm(snapshot, Object.assign(new RfmParameters(), parameters)), { asOf: at });
  const list = (parameters: Partial<RfmListParameters> = {}) =>
    ask((snapshot) => rfmCustomers(snapshot, Object.assign(new RfmListParameters(), parameters)), { asOf });

  it('scores quintiles of recency, frequency and value and names the segment', async () => {
    const purchasesOf = (customer: number) =>
      times(customer + 1, (index) =>
        bought(customer * 10 + index, customer, `2025-0${customer + 1}-0${index + 1}T00:00:00Z`, {
          revenue: 100 * (customer + 1),
        }),
      );
    await record(product, [
      registered(4, '2025-01-01T00:00:00Z', { name: 'Best' }),
      ...times(5, purchasesOf).flat(),
      bought(99, 7, '2024-12-31T00:00:00Z'),
    ]);
    const answer = await segments();
    expect(answer).toMatchObject({ from: '2024-12-31T00:00:00.000Z', to: asOf, customers: 5 });
    expect(answer.segments.filter(({ count }) => count > 0).map(({ segment }) => segment)).toEqual([
      'champions',
      'loyal',
      'need-attention',
      'hibernating',
      'lost',
    ]);
    expect(answer.segments[0]).toEqual({
      segment: 'champions',
      count: 1,
      revenue: usd(2_500),
      shareOfRevenue: 2_500 / 5_500,
      meanRecencyDays: 240,
      meanFrequency: 5,
      meanMonetary: usd(2_500),
    });
    const first = await list({ limit: 2 });
    expect(first.items[0]).toEqual({
      id: idNo('customer', 4),
      externalRef: 'C-4',
      name: 'Best',
      segment: 'champions',
      lastPurchaseAt: '2025-05-05T00:00:00.000Z',
      recencyDays: 240,
      frequency: 5,
      monetary: usd(2_500),
      scores: { recency: 5, frequency: 5, monetary: 5 },
    });
    const second = await list({ limit: 2, cursor: first.nextCursor ?? undefined });
    expect([...first.items, ...second.items].map(({ monetary }) => monetary.amount)).toEqual([
      2_500, 1_600, 900, 400,
    ]);
    expect((await list({ segment: 'lost' })).items).toHaveLength(1);
    expect((await segments({ window: 366 })).customers).toBe(6);
  });

  it('gives equal values their scores in the order of ids', async () => {
    await record(
      product,
      times(10, (index) => bought(index, 9 - index, '2025-05-01T00:00:00Z')),
    );
    const { items } = await list({ sort: 'externalRef' });
    expect(items.map(({ id, scores }) => [id, scores.recency])).toEqual(
      times(10, (index) => [idNo('customer', index), Math.floor(index / 2) + 1]),
    );
  });
});

describe('lists', () => {
  it('show customers as they were, filtered, sorted, page by page', async () => {
    await record(product, [
      registered(0, '2024-01-01T00:00:00Z', {
        name: 'B',
        region: 'West',
        yearlyRevenue: { amount: 5, currency: 'CNY' },
      }),
      registered(1, '2024-02-01T00:00:00Z', {
        name: 'A',
        kind: 'internal',
        attributes: { contract: 'Two year' },
      }),
      registered(2, '2024-03-01T00:00:00Z', { name: 'C', relationship: 'prospect', industry: 'retail' }),
    ]);
    const names = async (parameters: Partial<CustomerListParameters>, asked?: Asked) =>
      (
        await ask(
          (snapshot) => customerList(snapshot, Object.assign(new CustomerListParameters(), parameters)),
          asked,
        )
      ).items.map(({ name }) => name);
    expect(await names({})).toEqual(['A', 'B', 'C']);
    expect(await names({ sort: '-registeredAt' })).toEqual(['C', 'A', 'B']);
    expect(await names({ sort: 'yearlyRevenue' })).toEqual(['B', 'A', 'C']);
    expect(await names({ status: ['active'], kind: ['end'] })).toEqual(['B']);
    expect(await names({ region: 'West' })).toEqual(['B']);
    expect(await names({ industry: 'retail' })).toEqual(['C']);
    expect(await names({ externalRef: 'C-1' })).toEqual(['A']);
    expect(await names({ attribute: ['contract:Two year'] })).toEqual(['A']);
    expect(await names({}, { asOf: parseInstant('2024-02-15T00:00:00Z') })).toEqual(['A', 'B']);
    expect(await ask((snapshot) => oneCustomer(snapshot, idNo('customer', 0)))).toMatchObject({
      name: 'B',
      status: 'active',
      yearlyRevenue: { amount: 5, currency: 'CNY' },
      revenueLost: null,
    });
    const early = { asOf: parseInstant('2023-01-01T00:00:00Z') };
    await expect(ask((snapshot) => oneCustomer(snapshot, idNo('customer', 0)), early)).rejects.toMatchObject({
      code: 'customer.unknown',
      kind: 'not-found',
    });
  });

  it('show purchases, filtered, the latest first', async () => {
    await record(product, [
      bought(0, 0, '2025-01-01T00:00:00Z', { channel: 'web' }),
      bought(1, 1, '2025-02-01T00:00:00Z', { currency: 'GBP', costOfGoods: undefined }),
      bought(2, 1, '2025-03-01T00:00:00Z', { kind: 'return', quantity: -1, revenue: -10 }),
    ]);
    const ids = async (parameters: Partial<PurchaseListParameters>) =>
      (
        await ask((snapshot) =>
          purchaseList(snapshot, Object.assign(new PurchaseListParameters(), parameters)),
        )
      ).items.map(({ id }) => Number(id.at(-1)));
    expect(await ids({})).toEqual([2, 1, 0]);
    expect(await ids({ sort: 'revenue' })).toEqual([2, 0, 1]);
    expect(await ids({ customer: idNo('customer', 1), kind: 'sale' })).toEqual([1]);
    expect(await ids({ from: '2025-02-01', to: '2025-03-01' })).toEqual([1]);
    expect(await ids({ channel: 'web' })).toEqual([0]);
    expect(await ids({ currency: 'GBP' })).toEqual([1]);
    expect(await ask((snapshot) => onePurchase(snapshot, idNo('purchase', 1)))).toMatchObject({
      costOfGoods: null,
    });
    const early = { asOf: parseInstant('2024-01-01T00:00:00Z') };
    await expect(ask((snapshot) => onePurchase(snapshot, idNo('purchase', 1)), early)).rejects.toMatchObject({
      code: 'purchase.unknown',
    });
  });
});
