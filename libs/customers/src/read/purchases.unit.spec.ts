import type { Instant } from '@guanxi/kernel';
import { DomainError, parseInstant, plusMilliseconds, timeline } from '@guanxi/kernel';
import { foldTimeline } from '@guanxi/projections';
import fc from 'fast-check';
import { metaAt } from '../../../../test/support/given';
import type { Purchase } from '../domain/purchase';
import { purchaseDecider } from '../domain/purchase';
import { correctPurchase, recordPurchase, refundPurchase } from '../domain/purchase-decisions';
import type { PurchaseEvent } from '../domain/purchase-events';
import type { Told } from '../testing/events';
import { recorded } from '../testing/events';
import type { PurchaseMovement, PurchaseRow } from './purchases';
import { purchases } from './purchases';

const ID = '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d';
const T0 = '2026-01-10T00:00:00.000Z';
const tell = (type: string, at: string, data: object): Told => ({ stream: `purchase-${ID}`, type, at, data });
const sale = (lines: object[], kind = 'sale'): Told =>
  tell('purchase-recorded.v1', T0, { customerId: ID, kind, lines, currency: 'GBP', channel: 'web' });
const known = { product: 'A', quantity: 2, revenue: 1_000, costOfGoods: 600 };
const unknown = { product: 'B', quantity: 1, revenue: 500 };

function fold(...told: Told[]) {
  const { versions, movements } = foldTimeline(purchases, ID, recorded(told));
  return {
    rows: versions.map(({ row }) => row as PurchaseRow),
    moves: movements.map(({ movement, at }) => ({ ...(movement as PurchaseMovement), at })),
  };
}

describe('a purchase in figures', () => {
  it('sums its lines', () => {
    const { rows, moves } = fold(sale([known, { ...known, revenue: 200 }]));
    expect(rows).toEqual([
      {
        customerId: ID,
        kind: 'sale',
        purchasedAt: T0,
        revenue: 1_200,
        costOfGoods: 1_200,
        currency: 'GBP',
        refunded: 0,
        quantity: 4,
        lineCount: 2,
        channel: 'web',
      },
    ]);
    expect(moves).toEqual([
      {
        kind: 'purchase',
        customerId: ID,
        count: 1,
        revenue: 1_200,
        grossProfit: 0,
        withoutCost: 0,
        quantity: 4,
        currency: 'GBP',
        channel: 'web',
        at: T0,
      },
    ]);
  });

  it('has no gross profit as soon as the cost of one line is not known', () => {
    const { rows, moves } = fold(sale([known, unknown]));
    expect(rows[0]?.costOfGoods).toBeUndefined();
    expect(moves[0]).toMatchObject({ revenue: 1_500, withoutCost: 1 });
    expect(moves[0]?.grossProfit).toBeUndefined();
  });

  it('counts a return apart', () =>
    expect(fold(sale([{ product: 'A', quantity: -1, revenue: -500 }], 'return')).moves).toMatchObject([
      { kind: 'return', count: 1, revenue: -500, quantity: -1 },
    ]));

  it('lowers revenue and profit when it is refunded, at that moment', () => {
    const later = '2026-02-01T00:00:00.000Z';
    const { rows, moves } = fold(sale([known]), tell('purchase-refunded.v1', later, { amount: 300 }));
    expect(rows.at(-1)).toMatchObject({ revenue: 1_000, refunded: 300 });
    expect(moves[1]).toMatchObject({ kind: 'refund', count: 0, revenue: -300, grossProfit: -300, at: later });
  });

  it('is right again once a missing cost is known', () => {
    const { rows, moves } = fold(
      sale([unknown]),
      tell('purchase-refunded.v1', '2026-02-01T00:00:00Z', { amount: 100 }),
      tell('purchase-corrected.v1', T0, {
        lines: [{ ...unknown, costOfGoods: 200 }],
        reason: 'invoice found',
      }),
    );
    expect(rows.at(-1)).toMatchObject({ revenue: 500, costOfGoods: 200, refunded: 100, corrected: true });
    expect(moves.map(({ kind }) => kind)).toEqual(['purchase', 'correction', 'refund']);
    expect(moves.reduce((sum, { withoutCost }) => sum + withoutCost, 0)).toBe(0);
    expect(moves.reduce((sum, { grossProfit = 0 }) => sum + grossProfit, 0)).toBe(200);
  });
});

describe('laws', () => {
  const EPOCH = parseInstant(T0);
  const line = fc.record(
    {
      product: fc.constantFrom('A', 'B'),
      quantity: fc.integer({ min: 1, max: 9 }),
      revenue: fc.integer({ min: 0, max: 900 }),
      costOfGoods: fc.integer({ min: 0, max: 900 }),
    },
    { requiredKeys: ['product', 'quantity', 'revenue'] },
  );
  const lines = fc.array(line, { minLength: 1, maxLength: 3 });
  const step = fc.record({
    kind: fc.constantFrom('refund', 'correct', 'move'),
    lines,
    amount: fc.integer({ min: 1, max: 900 }),
    day: fc.integer({ min: -30, max: 30 }),
  });

  it('movements add up to the row, whatever is refunded, corrected and moved', () => {
    fc.assert(
      fc.property(lines, fc.array(step, { maxLength: 10 }), (sold, steps) => {
        const first = recordPurchase({ customerId: ID, lines: sold, currency: 'GBP' });
        const told = [...first(purchaseDecider.initial)].map((event) => ({ ...event, at: EPOCH }));
        for (const [index, { kind, lines: other, amount, day }] of steps.entries()) {
          const at = plusMilliseconds(EPOCH, (40 + index) * 86_400_000);
          const purchasedAt = plusMilliseconds(EPOCH, day * 86_400_000);
          const decide = {
            refund: refundPurchase({ amount }),
            correct: correctPurchase({ lines: other, reason: 'random' }, metaAt(at)),
            move: correctPurchase({ lines: other, purchasedAt, reason: 'random' }, metaAt(at)),
          }[kind];
          told.push(...decidedAt(decide, told, at));
        }
        const { rows, moves } = fold(...told.map(({ type, data, at }) => tell(type, at, data)));
        const row = rows.at(-1);
        const state = stateOf(told);
        if (!row || state.status !== 'recorded') throw new Error('the purchase is gone');
        const sum = (of: (move: PurchaseMovement) => number): number =>
          moves.reduce((all, move) => all + of(move), 0);
        expect(sum(({ count }) => count)).toBe(1);
        expect(sum(({ revenue }) => revenue)).toBe(row.revenue - row.refunded);
        expect(sum(({ quantity }) => quantity)).toBeCloseTo(row.quantity, 9);
        expect(sum(({ withoutCost }) => withoutCost) === 0).toBe(row.costOfGoods !== undefined);
        if (row.costOfGoods !== undefined) {
          expect(sum(({ grossProfit = 0 }) => grossProfit)).toBe(
            row.revenue - row.refunded - row.costOfGoods,
          );
        }
        expect(row).toMatchObject({ purchasedAt: state.purchasedAt, refunded: state.refunded });
      }),
    );
  });

  type Dated = PurchaseEvent & { readonly at: Instant };

  function decidedAt(
    decide: ReturnType<typeof refundPurchase>,
    told: readonly Dated[],
    at: Instant,
  ): Dated[] {
    try {
      return decide(stateOf(told)).map((event) => ({ ...event, at: event.at ?? at }));
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
      return [];
    }
  }

  /** The facts in the order in which they were true, as a decision sees them. */
  function stateOf(told: readonly Dated[]): Purchase {
    const events = recorded(told.map(({ type, data, at }) => tell(type, at, data)));
    return timeline(events).reduce<Purchase>((state, { event: { revision }, at }) => {
      const fact = told[revision];
      return fact && !('redates' in fact.data)
        ? purchaseDecider.evolve(state, { ...fact, at, revision })
        : state;
    }, purchaseDecider.initial);
  }
});
