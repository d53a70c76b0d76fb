import { DomainError } from '@guanxi/kernel';
import type { Loss } from './churn-figures';
import { churnFigures } from './churn-figures';

const loss = (more: Partial<Loss> = {}): Loss => ({
  cause: 'price',
  controllable: true,
  responsible: null,
  destination: null,
  currency: 'CNY',
  count: 1,
  revenue: 100,
  ...more,
});

describe('churn figures', () => {
  it('are those of the handbook: 3,000 outlets, 500 new, 200 lost', () => {
    const losses = [
      loss({ count: 100, revenue: 100 * 10_000_000 }),
      loss({ count: 100, revenue: 100 * 20_000_000 }),
    ];
    const figures = churnFigures({ closing: 3_300, new: 500, returned: 0, lost: 200 }, losses, {
      margin: 0.05,
    });
    expect(figures).toMatchObject({ opening: 3_000, churnLoss: { amount: 150_000_000, currency: 'CNY' } });
    expect(figures.rateOnClosing).toBeCloseTo(0.0606, 4);
    expect(figures.rateOnOpening).toBeCloseTo(0.0667, 4);
    expect(figures.rateOnAverage).toBeCloseTo(200 / 3_150, 10);
  });

  it('have no rate and no loss where nobody was there', () =>
    expect(churnFigures({ closing: 0, new: 0, returned: 0, lost: 0 }, [], { margin: 1 })).toEqual({
      opening: 0,
      new: 0,
      returned: 0,
      lost: 0,
      closing: 0,
      rateOnClosing: null,
      rateOnOpening: null,
      rateOnAverage: null,
      revenueLost: null,
      churnLoss: null,
      causes: [],
      responsible: [],
      destinations: [],
      controllableShare: null,
    }));

  it('count causes, sides and destinations, the most frequent first, and judge only what is known', () => {
    const figures = churnFigures(
      { closing: 1, new: 0, returned: 0, lost: 8 },
      [
        loss({ cause: 'natural', controllable: false, count: 2, responsible: 'nobody' }),
        loss({ cause: 'price', count: 3, responsible: 'us', destination: 'B' }),
        loss({
          cause: 'unknown',
          controllable: null,
          count: 3,
          destination: 'A',
          currency: null,
          revenue: null,
        }),
      ],
      { margin: 1 },
    );
    expect(figures.causes).toEqual([
      { cause: 'price', count: 3 },
      { cause: 'unknown', count: 3 },
      { cause: 'natural', count: 2 },
    ]);
    expect(figures.responsible).toEqual([
      { side: 'us', count: 3 },
      { side: 'nobody', count: 2 },
    ]);
    expect(figures.destinations).toEqual([
      { destination: 'A', count: 3 },
      { destination: 'B', count: 3 },
    ]);
    expect(figures.controllableShare).toBe(0.6);
    expect(figures.revenueLost).toEqual({ amount: 200, currency: 'CNY' });
  });

  it('ask for a currency where amounts do not add up', () => {
    const counts = { closing: 0, new: 0, returned: 0, lost: 2 };
    const losses = [loss(), loss({ currency: 'EUR', revenue: 30 })];
    expect(() => churnFigures(counts, losses, { margin: 1 })).toThrow(DomainError);
    expect(() => churnFigures(counts, losses, { margin: 1 })).toThrow(/CNY, EUR/);
    expect(churnFigures(counts, losses, { margin: 0.5, currency: 'EUR' })).toMatchObject({
      revenueLost: { amount: 30, currency: 'EUR' },
      churnLoss: { amount: 15, currency: 'EUR' },
    });
  });
});
