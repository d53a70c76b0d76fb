import type { Asked } from '@guanxi/projections';
import { parseInstant } from '@guanxi/kernel';
import { products, sellers, steeringContext } from '@guanxi/steering';
import type { RunningContexts } from '../../../../test/support/contexts';
import { runContexts } from '../../../../test/support/contexts';
import { customersContext } from '../customers.context';
import { ended, idNo, record, registered } from '../testing/record';
import { ChurnParameters, churnHistory } from './churn-history';
import { customers } from './customers';

let product: RunningContexts;
beforeEach(async () => {
  product = await runContexts([customersContext, steeringContext]);
});
afterEach(() => product.stop());

const ask = (parameters: Partial<ChurnParameters>, asked: Asked = {}) =>
  product.queries.answer([customers, sellers, products], asked, (snapshot) =>
    churnHistory(snapshot, Object.assign(new ChurnParameters(), parameters)),
  );

const year = { from: '2025-01-01', to: '2026-01-01' };
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const count = (number: number) => idNo('customer', number);

it('tells the handbook case: 3,000 outlets, 500 new, 200 lost, half at 100,000 and half at 200,000 a year', async () => {
  const money = (amount: number) => ({ yearlyRevenueLost: { amount, currency: 'CNY' } });
  await record(product, [
    ...times(3_000, (index) =>
      registered(index, '2024-06-01T00:00:00Z', { region: index % 3 ? 'East' : 'West' }),
    ),
    ...times(500, (index) => registered(3_000 + index, '2025-03-01T00:00:00Z', { region: 'East' })),
    ...times(100, (index) => ended(index, '2025-09-01T00:00:00Z', money(10_000_000))),
    ...times(100, (index) =>
      ended(3_000 + index, '2025-10-01T00:00:00Z', {
        ...money(20_000_000),
        cause: 'natural',
        controllable: false,
      }),
    ),
  ]);
  const { total, groups } = await ask({ ...year, margin: 0.05, by: ['region'] });
  expect(total).toMatchObject({
    opening: 3_000,
    new: 500,
    returned: 0,
    lost: 200,
    closing: 3_300,
    rateOnClosing: 200 / 3_300,
    rateOnOpening: 200 / 3_000,
    rateOnAverage: 200 / 3_150,
    churnLoss: { amount: 150_000_000, currency: 'CNY' },
    causes: [
      { cause: 'natural', count: 100 },
      { cause: 'price', count: 100 },
    ],
    controllableShare: 0.5,
  });
  expect(total.rateOnClosing).toBeCloseTo(0.0606, 4);
  expect(total.rateOnOpening).toBeCloseTo(0.0667, 4);
  expect(groups.map(({ key, opening, lost, closing }) => ({ key, opening, lost, closing }))).toEqual([
    { key: 'East', opening: 2_000, lost: 166, closing: 2_334 },
    { key: 'West', opening: 1_000, lost: 34, closing: 966 },
  ]);
});

it('compares with the period before and with last year, and with nothing where nobody was known', async () => {
  await record(product, [
    ...times(10, (index) => registered(index, '2024-02-10T00:00:00Z')),
    ended(0, '2024-03-05T00:00:00Z'),
    ended(1, '2025-02-20T00:00:00Z'),
    ended(2, '2025-03-05T00:00:00Z'),
  ]);
  const march = await ask({ from: '2025-03-01', to: '2025-04-01' });
  expect(march.previous).toMatchObject({ from: '2025-02-01T00:00:00.000Z', opening: 9, lost: 1, closing: 8 });
  expect(march.lastYear).toMatchObject({
    from: '2024-03-01T00:00:00.000Z',
    opening: 10,
    lost: 1,
    closing: 9,
  });
  const first = await ask({ from: '2024-02-01', to: '2024-03-01' });
  expect(first).toMatchObject({
    previous: null,
    lastYear: null,
    total: { opening: 0, new: 10, closing: 10 },
  });
});

it('counts a movement at the start of the period in it, and one at its end not', async () => {
  await record(product, [
    registered(0, '2024-01-01T00:00:00Z'),
    registered(1, '2024-01-01T00:00:00Z'),
    ended(0, '2025-01-01T00:00:00Z'),
    ended(1, '2026-01-01T00:00:00Z'),
  ]);
  expect((await ask(year)).total).toMatchObject({ opening: 2, lost: 1, closing: 1 });
  expect((await ask({ from: '2026-01-01', to: '2027-01-01' })).total).toMatchObject({
    opening: 1,
    lost: 1,
    closing: 0,
  });
});

it('splits by seller, department, product, attribute, tenure and several at once', async () => {
  await product.send(
    'DefineSeller',
    idNo('seller', 1),
    { name: 'Ann', externalRef: 'S-1', department: 'North' },
    '2020-01-01T00:00:00Z',
  );
  await record(product, [
    registered(0, '2023-12-31T00:00:00Z', {
      owner: idNo('seller', 1),
      productInterests: ['GTX', 'MG'],
      attributes: { contract: 'Two year' },
    }),
    registered(1, '2025-01-01T00:00:00Z', { productInterests: ['GTX'], attributes: { contract: 'Monthly' } }),
    registered(2, '2025-12-15T00:00:00Z', { kind: 'internal' }),
    registered(3, '2018-12-31T00:00:00Z'),
    ended(3, '2025-01-31T00:00:00Z'),
  ]);
  const split = async (...by: string[]) =>
    (await ask({ ...year, by })).groups.map(
      ({ key, label, closing, lost }) => `${key}/${label}: ${closing} -${lost}`,
    );
  expect(await split('owner')).toEqual(['(none)/(none): 2 -1', 'S-1/Ann: 1 -0']);
  expect((await ask({ ...year, by: ['owner'] })).groups[1]?.id).toBe(idNo('seller', 1));
  expect(await split('department')).toEqual(['(none)/(none): 2 -1', 'North/North: 1 -0']);
  expect(await split('product')).toEqual(['(none)/(none): 1 -1', 'GTX/GTX: 2 -0', 'MG/MG: 1 -0']);
  expect(await split('attributes.contract')).toEqual([
    '(none)/(none): 1 -1',
    'Monthly/Monthly: 1 -0',
    'Two year/Two year: 1 -0',
  ]);
  expect(await split('tenure')).toEqual([
    '00/00: 1 -0',
    '01-12/01-12: 1 -0',
    '13-24/13-24: 1 -0',
    '73+/73+: 0 -1',
  ]);
  expect(await split('kind', 'cause')).toEqual([
    'end | (none)/end | (none): 2 -0',
    'end | price/end | price: 0 -1',
    'internal | (none)/internal | (none): 1 -0',
  ]);
  await expect(split('shoeSize')).rejects.toMatchObject({ code: 'input.invalid' });
});

it('answers for a part of the customers', async () => {
  await product.send(
    'DefineSeller',
    idNo('seller', 1),
    { name: 'Ann', externalRef: 'S-1' },
    '2020-01-01T00:00:00Z',
  );
  await record(product, [
    registered(0, '2024-01-01T00:00:00Z', {
      owner: idNo('seller', 1),
      region: 'West',
      productInterests: ['GTX'],
    }),
    registered(1, '2024-01-01T00:00:00Z', { kind: 'internal', region: 'East' }),
    registered(2, '2025-05-01T00:00:00Z', { region: 'West', acquisition: { channel: 'web' } }),
  ]);
  const closing = async (parameters: Partial<ChurnParameters>) =>
    (await ask({ ...year, ...parameters })).total.closing;
  expect(await closing({})).toBe(3);
  expect(await closing({ owner: 'S-1' })).toBe(1);
  expect(await closing({ owner: idNo('seller', 1), by: ['owner'] })).toBe(1);
  expect(await closing({ region: 'West' })).toBe(2);
  expect(await closing({ region: 'West', product: 'GTX' })).toBe(1);
  expect(await closing({ kind: 'internal' })).toBe(1);
  expect(await closing({ channel: 'web' })).toBe(1);
  expect(await closing({ region: 'South' })).toBe(0);
});

it('asks for a currency where revenues do not add up, and then keeps to it', async () => {
  const lostIn = (number: number, currency: string) => [
    registered(number, '2024-01-01T00:00:00Z', { yearlyRevenue: { amount: 700, currency } }),
    ended(number, '2025-05-01T00:00:00Z', { yearlyRevenueLost: { amount: 700, currency } }),
  ];
  await record(product, [...lostIn(0, 'CNY'), ...lostIn(1, 'EUR'), registered(2, '2024-01-01T00:00:00Z')]);
  await expect(ask(year)).rejects.toMatchObject({ code: 'currency.ambiguous', kind: 'invalid' });
  expect((await ask({ ...year, currency: 'EUR' })).total).toMatchObject({
    opening: 1,
    lost: 1,
    closing: 0,
    revenueLost: { amount: 700, currency: 'EUR' },
  });
});

it('tells the past as it was and as it was known', async () => {
  await product.send('RegisterCustomer', count(0), { name: 'A' }, '2024-01-01T00:00:00Z');
  await product.send(
    'RegisterCustomer',
    count(1),
    { name: 'B', relationship: 'active', region: 'West' },
    '2024-01-01T00:00:00Z',
  );
  await product.send('EndRelationship', count(1), { cause: 'price' }, '2025-06-01T00:00:00Z');
  const before = product.now();
  expect((await ask(year)).total).toMatchObject({ opening: 1, new: 0, lost: 1, closing: 0 });

  const line = { product: 'P', quantity: 1, revenue: 100 };
  const purchase = { customerId: count(0), currency: 'USD', lines: [line] };
  await product.send('RecordPurchase', idNo('purchase', 0), purchase, '2025-03-01T00:00:00Z');
  await product.send('ReactivateCustomer', count(1), {}, '2025-07-01T00:00:00Z');
  await product.send(
    'CorrectCustomerProfile',
    count(1),
    { region: 'East', reason: 'typo' },
    '2024-05-01T00:00:00Z',
  );

  expect((await ask(year)).total).toMatchObject({ opening: 1, new: 1, returned: 1, lost: 1, closing: 2 });
  expect((await ask(year, { asKnownAt: before })).total).toMatchObject({
    opening: 1,
    new: 0,
    lost: 1,
    closing: 0,
  });
  const asOf = parseInstant('2025-06-15T00:00:00Z');
  expect((await ask(year, { asOf })).total).toMatchObject({
    opening: 1,
    new: 1,
    returned: 0,
    lost: 1,
    closing: 1,
  });
  const regions = async (asked: Asked) =>
    (await ask({ ...year, by: ['region'] }, asked)).groups.map(({ key }) => key);
  expect(await regions({})).toEqual(['(none)', 'East']);
  expect(await regions({ asKnownAt: before })).toEqual(['West']);

  const beforeMove = product.now();
  await product.send('CorrectPurchase', idNo('purchase', 0), {
    purchasedAt: '2024-12-01T00:00:00Z',
    reason: 'receipt',
  });
  expect((await ask(year)).total).toMatchObject({ opening: 2, new: 0, returned: 1, lost: 1, closing: 2 });
  expect((await ask(year, { asKnownAt: beforeMove })).total).toMatchObject({
    opening: 1,
    new: 1,
    closing: 2,
  });
});
