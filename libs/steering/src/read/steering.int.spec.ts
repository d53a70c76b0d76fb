import { randomUUID } from 'node:crypto';
import { parseInstant } from '@guanxi/kernel';
import type { RunningContexts } from '../../../../test/support/contexts';
import { runContexts } from '../../../../test/support/contexts';
import { steeringContext } from '../steering.context';
import { departments, listDepartments } from './departments';
import { exchangeRates, listExchangeRates, ratesInForce } from './exchange-rates';
import { one } from './one';
import { ProductParameters, listProducts, products } from './products';
import { SellerParameters, listSellers, sellers } from './sellers';

describe('the lists of steering', () => {
  let running: RunningContexts;

  beforeAll(async () => {
    running = await runContexts([steeringContext]);
  });
  afterAll(() => running.stop());

  it('show a product as it was before and after its revision and its retirement', async () => {
    const id = randomUUID();
    const ask = (asOf?: string) =>
      running.queries.answer([products], asOf ? { asOf: parseInstant(asOf) } : {}, (snapshot) =>
        one(snapshot, products, id, 'product'),
      );
    const listPrice = { amount: 482_100, currency: 'USD' };
    await running.send(
      'DefineProduct',
      id,
      { name: 'GTX Pro', externalRef: 'GTXPro', listPrice, attributes: { line: 'hardware' } },
      '2026-01-05T00:00:00Z',
    );
    await running.send(
      'ReviseProduct',
      id,
      { listPrice: { amount: 499_900, currency: 'USD' }, attributes: { months: 24 } },
      '2026-02-01T00:00:00Z',
    );
    await running.send('RetireProduct', id, {}, '2026-02-10T00:00:00Z');

    expect(await ask('2026-01-20T00:00:00Z')).toMatchObject({ id, listPrice, status: 'active' });
    expect(await ask()).toMatchObject({
      name: 'GTX Pro',
      listPrice: { amount: 499_900, currency: 'USD' },
      attributes: { line: 'hardware', months: 24 },
      status: 'retired',
      definedAt: '2026-01-05T00:00:00.000Z',
      retiredAt: '2026-02-10T00:00:00.000Z',
    });
    await expect(ask('2026-01-04T00:00:00Z')).rejects.toMatchObject({
      code: 'product.unknown',
      kind: 'not-found',
    });
  });

  it('page through products by name, filtered by family', async () => {
    for (const name of ['MG Special', 'MG Advanced', 'MG Basic']) {
      await running.send('DefineProduct', randomUUID(), { name, family: 'MG' });
    }
    const ask = (parameters: Partial<ProductParameters>) =>
      running.queries.answer([products], {}, (snapshot) =>
        listProducts(snapshot, { ...new ProductParameters(), family: 'MG', limit: 2, ...parameters }),
      );
    const first = await ask({});
    expect(first.items.map(({ name }) => name)).toEqual(['MG Advanced', 'MG Basic']);
    const second = await ask({ cursor: first.nextCursor ?? '' });
    expect(second.items.map(({ name }) => name)).toEqual(['MG Special']);
    expect(second.nextCursor).toBeNull();
    expect((await ask({ name: 'mg b' })).items.map(({ name }) => name)).toEqual(['MG Basic']);
  });

  it('find a seller in the region of the moment', async () => {
    const id = randomUUID();
    await running.send('DefineSeller', id, { name: 'Lin Mei', region: 'East' }, '2026-01-05T00:00:00Z');
    await running.send('ReviseSeller', id, { region: 'West', manager: 'Zhao Jun' }, '2026-02-01T00:00:00Z');
    await running.send('ReleaseSeller', id, { reason: 'retired' }, '2026-02-20T00:00:00Z');
    const inRegion = async (region: string, asOf: string): Promise<readonly object[]> => {
      const answer = await running.queries.answer([sellers], { asOf: parseInstant(asOf) }, (snapshot) =>
        listSellers(snapshot, { ...new SellerParameters(), region }),
      );
      return answer.items;
    };
    expect(await inRegion('East', '2026-01-31T00:00:00Z')).toEqual([
      expect.objectContaining({ id, name: 'Lin Mei', status: 'active', manager: null }),
    ]);
    expect(await inRegion('East', '2026-02-02T00:00:00Z')).toEqual([]);
    expect(await inRegion('West', '2026-02-21T00:00:00Z')).toEqual([
      expect.objectContaining({
        id,
        manager: 'Zhao Jun',
        status: 'left',
        leftAt: '2026-02-20T00:00:00.000Z',
      }),
    ]);
  });

  it('name the departments below another', async () => {
    const parent = randomUUID();
    await running.send('DefineDepartment', parent, { name: 'Sales' });
    await running.send('DefineDepartment', randomUUID(), { name: 'Key accounts', parent });
    const { items } = await running.queries.answer([departments], {}, (snapshot) =>
      listDepartments(snapshot, { limit: 100, parent }),
    );
    expect(items).toEqual([expect.objectContaining({ name: 'Key accounts', parent })]);
  });

  it('keep every rate and know which one is in force at a moment, also when a rate is learned late', async () => {
    const record = (rate: string, at: string) =>
      running.send('RecordExchangeRate', randomUUID(), { base: 'USD', quote: 'CNY', rate }, at);
    const inForce = async (asOf: string, asKnownAt?: string): Promise<unknown> => {
      const answer = await running.queries.answer(
        [exchangeRates],
        { asOf: parseInstant(asOf), ...(asKnownAt ? { asKnownAt: parseInstant(asKnownAt) } : {}) },
        async (snapshot) => ({
          rates: await snapshot.rows<{ rate: number }>(`select rate from ${ratesInForce(snapshot)} r`),
        }),
      );
      return answer.rates.map(({ rate }) => rate);
    };
    await record('7.1', '2026-01-01T00:00:00Z');
    await record('7.3', '2026-03-01T00:00:00Z');
    const before = running.now();
    await record('7.20', '2026-02-01T00:00:00Z');

    expect(await inForce('2026-01-15T00:00:00Z')).toEqual([7.1]);
    expect(await inForce('2026-02-15T00:00:00Z')).toEqual([7.2]);
    expect(await inForce('2026-02-15T00:00:00Z', before)).toEqual([7.1]);
    expect(await inForce('2026-03-01T00:00:00Z')).toEqual([7.3]);
    expect(await inForce('2025-12-31T00:00:00Z')).toEqual([]);
    const { items } = await running.queries.answer([exchangeRates], {}, (snapshot) =>
      listExchangeRates(snapshot, { limit: 100, base: 'USD' }),
    );
    expect(items.map(({ rate }) => rate)).toEqual([7.3, 7.2, 7.1]);
  });
});
