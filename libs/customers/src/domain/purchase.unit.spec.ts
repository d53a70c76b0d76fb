import type { DomainError } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import fc from 'fast-check';
import { given, metaAt, stateAfter } from '../../../../test/support/given';
import { purchaseDecider, totalsOf } from './purchase';
import { correctPurchase, recordPurchase, refundPurchase } from './purchase-decisions';
import type { PurchaseEvent, PurchaseLine } from './purchase-events';

const CUSTOMER = '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d';
const lines: PurchaseLine[] = [
  { product: 'A', quantity: 2, revenue: 1_000, costOfGoods: 600 },
  { product: 'B', quantity: 1.5, revenue: 500 },
];
const bought = {
  type: 'purchase-recorded.v1',
  data: { customerId: CUSTOMER, kind: 'sale', lines, currency: 'GBP' },
  at: parseInstant('2026-01-10T00:00:00Z'),
} satisfies PurchaseEvent;
const returned = {
  ...bought,
  data: { ...bought.data, kind: 'return', lines: [{ product: 'A', quantity: -1, revenue: -500 }] },
} satisfies PurchaseEvent;
const refunded = (amount: number): PurchaseEvent & { at: typeof bought.at } => ({
  type: 'purchase-refunded.v1',
  data: { amount },
  at: parseInstant('2026-01-20T00:00:00Z'),
});

const purchase = given(purchaseDecider);

describe('recording a purchase', () => {
  it('is a sale where nothing else is said', () =>
    purchase()
      .when(recordPurchase({ customerId: CUSTOMER, lines, currency: 'GBP', channel: undefined }))
      .then({
        type: 'purchase-recorded.v1',
        data: { customerId: CUSTOMER, kind: 'sale', lines, currency: 'GBP' },
      }));

  it('keeps what else is said', () =>
    purchase()
      .when(
        recordPurchase({
          ...returned.data,
          channel: 'web',
          selectionMinutes: 3.5,
          externalRef: 'C-1',
          assumed: ['costOfGoods'],
        }),
      )
      .then({
        type: 'purchase-recorded.v1',
        data: {
          ...returned.data,
          channel: 'web',
          selectionMinutes: 3.5,
          externalRef: 'C-1',
          assumed: ['costOfGoods'],
        },
      }));

  it.each([
    ['sale', { product: 'A', quantity: 0, revenue: 1 }, 'lines.1.quantity', 'notZero'],
    ['return', { product: 'A', quantity: 1, revenue: -1 }, 'lines.1.quantity', 'negative'],
    ['return', { product: 'A', quantity: -1, revenue: 1 }, 'lines.1.revenue', 'notPositive'],
  ] as const)('refuses in a %s the line %j', (kind, line, field, rule) => {
    const before = kind === 'return' ? returned.data.lines : lines.slice(0, 1);
    purchase()
      .when(recordPurchase({ customerId: CUSTOMER, kind, lines: [...before, line], currency: 'GBP' }))
      .thenRefusesField(field, rule);
  });

  it('takes discounts of a sale and worthless returns', () => {
    const discount = { product: 'DISCOUNT', quantity: -1, revenue: -100 };
    const worthless = { product: 'A', quantity: -1, revenue: 0 };
    for (const [kind, line] of [
      ['sale', discount],
      ['return', worthless],
    ] as const) {
      const data = { customerId: CUSTOMER, kind, lines: [line], currency: 'GBP' };
      purchase().when(recordPurchase(data)).then({ type: 'purchase-recorded.v1', data });
    }
  });

  it('refuses amounts whose sum is no longer exact', () =>
    purchase()
      .when(
        recordPurchase({
          customerId: CUSTOMER,
          currency: 'GBP',
          lines: [
            { product: 'A', quantity: 1, revenue: Number.MAX_SAFE_INTEGER },
            { product: 'A', quantity: 1, revenue: 1 },
          ],
        }),
      )
      .thenRefusesField('lines', 'sum'));

  it('refuses an id that is taken', () =>
    purchase(bought).when(recordPurchase(bought.data)).thenRefuses('purchase.already-recorded'));
});

describe('correcting a purchase', () => {
  const corrected: PurchaseLine[] = [{ product: 'A', quantity: 1, revenue: 700 }];
  const meta = metaAt('2026-03-01T00:00:00Z');

  it("puts the corrected content at the purchase's own moment", () =>
    purchase(bought, refunded(100))
      .when(correctPurchase({ lines: corrected, reason: 'typo' }, meta))
      .then({ type: 'purchase-corrected.v1', at: bought.at, data: { lines: corrected, reason: 'typo' } }));

  it('moves the purchase and every earlier correction of it', () => {
    const to = parseInstant('2026-01-05T00:00:00Z');
    purchase(bought, {
      type: 'purchase-corrected.v1',
      at: bought.at,
      data: { lines: corrected, reason: 'typo' },
    })
      .when(correctPurchase({ purchasedAt: '2026-01-05T08:00:00+08:00', lines, reason: 'receipt' }, meta))
      .then(
        ...[0, 1].map((revision) => ({
          type: 'purchase-redated.v1' as const,
          at: to,
          data: { customerId: CUSTOMER, redates: { revision, to }, reason: 'receipt' },
        })),
        { type: 'purchase-corrected.v1', at: to, data: { lines, reason: 'receipt' } },
      );
  });

  it('does nothing when all is as it says', () =>
    purchase(bought)
      .when(
        correctPurchase(
          {
            lines: lines.map((line) => ({ ...line })),
            purchasedAt: '2026-01-10T08:00:00+08:00',
            reason: 'checked',
          },
          meta,
        ),
      )
      .thenNothing());

  it('names what is to be corrected', () =>
    purchase(bought)
      .when(correctPurchase({ reason: 'typo' }, meta))
      .thenRefusesField('lines', 'required'));

  it('holds corrected lines against the rules of their kind', () =>
    purchase(returned)
      .when(correctPurchase({ lines, reason: 'typo' }, meta))
      .thenRefusesField('lines.0.quantity', 'negative'));

  it('moves nothing into the future', () =>
    purchase(bought)
      .when(correctPurchase({ purchasedAt: '2026-03-02T00:00:00Z', reason: 'typo' }, meta))
      .thenRefusesField('purchasedAt', 'notInFuture'));

  it('moves no purchase behind its refund', () =>
    purchase(bought, refunded(100))
      .when(correctPurchase({ purchasedAt: '2026-01-21T00:00:00Z', reason: 'typo' }, meta))
      .thenRefusesField('purchasedAt', 'notAfterRefund'));

  it('leaves no purchase worth less than was refunded', () =>
    purchase(bought, refunded(800))
      .when(correctPurchase({ lines: corrected, reason: 'typo' }, meta))
      .thenRefuses('purchase.corrected-below-refunds', { revenue: 700, refunded: 800 }));

  it('knows no purchase that was never recorded', () =>
    purchase()
      .when(correctPurchase({ lines, reason: 'typo' }, meta))
      .thenRefuses('purchase.unknown'));
});

describe('refunding a purchase', () => {
  it('gives back all that is left where nothing is named', () =>
    purchase(bought, refunded(400))
      .when(refundPurchase({ reason: 'goodwill' }))
      .then({ type: 'purchase-refunded.v1', data: { amount: 1_100, reason: 'goodwill' } }));

  it('gives back an amount', () =>
    purchase(bought, refunded(400))
      .when(refundPurchase({ amount: 1_100 }))
      .then({ type: 'purchase-refunded.v1', data: { amount: 1_100 } }));

  it('gives back by line', () =>
    purchase(bought)
      .when(refundPurchase({ lines: [{ product: 'B', quantity: 0.5, revenue: 100 }] }))
      .then({
        type: 'purchase-refunded.v1',
        data: { amount: 100, lines: [{ product: 'B', quantity: 0.5, revenue: 100 }] },
      }));

  it('does nothing when all has been given back', () =>
    purchase(bought, refunded(1_500)).when(refundPurchase({})).thenNothing());

  it('gives back no more than is left', () =>
    purchase(bought, refunded(400))
      .when(refundPurchase({ amount: 1_101 }))
      .thenRefuses('purchase.refund-exceeds', { asked: 1_101, left: 1_100 }));

  it('gives back by line no more than amounts left', () =>
    purchase(bought, refunded(1_400))
      .when(refundPurchase({ lines: [{ product: 'B', quantity: 0.5, revenue: 101 }] }))
      .thenRefuses('purchase.refund-exceeds', { asked: 101, left: 100 }));

  it.each([
    ['more pieces than were sold', { product: 'A', quantity: 1.5, revenue: 10 }],
    ['more money than its line brought', { product: 'A', quantity: 0.5, revenue: 901 }],
    ['a product that was not sold', { product: 'C', quantity: 1, revenue: 10 }],
  ])('does not give back %s', (_case, line) =>
    purchase(bought, {
      type: 'purchase-refunded.v1',
      data: { amount: 100, lines: [{ product: 'A', quantity: 1, revenue: 100 }] },
    })
      .when(refundPurchase({ lines: [line] }))
      .thenRefuses('purchase.refund-exceeds', { product: line.product }),
  );

  it('adds fractions without inventing a rest', () => {
    const third = { product: 'B', quantity: 0.1, revenue: 1 };
    const sold = {
      ...bought,
      data: { ...bought.data, lines: [{ product: 'B', quantity: 0.3, revenue: 3 }] },
    };
    const back = {
      type: 'purchase-refunded.v1',
      data: { amount: 1, lines: [third] },
    } satisfies PurchaseEvent;
    purchase(sold, back, back)
      .when(refundPurchase({ lines: [third] }))
      .then(back);
  });

  it('takes lines or an amount, not both', () =>
    purchase(bought)
      .when(refundPurchase({ amount: 1, lines: [{ product: 'A', quantity: 1, revenue: 1 }] }))
      .thenRefusesField('amount', 'eitherLinesOrAmount'));

  it('gives nothing back for a return', () =>
    purchase(returned).when(refundPurchase({})).thenRefuses('purchase.not-refundable'));

  it('knows no purchase that was never recorded', () =>
    purchase().when(refundPurchase({})).thenRefuses('purchase.unknown'));
});

describe('laws', () => {
  const line = fc.record({
    product: fc.constantFrom('A', 'B', 'C'),
    quantity: fc.integer({ min: 1, max: 20 }),
    revenue: fc.integer({ min: 0, max: 5_000 }),
  });
  const step = fc.oneof(
    fc.record({ amount: fc.integer({ min: 1, max: 6_000 }) }),
    fc.record({ lines: fc.array(line, { minLength: 1, maxLength: 3 }) }),
    fc.record({ correction: fc.array(line, { minLength: 1, maxLength: 4 }) }),
    fc.constant({}),
  );

  it('never gives back more than the purchase is worth, whatever is refunded and corrected in which order', () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 5 }),
        fc.array(step, { maxLength: 15 }),
        (sold, steps) => {
          const events: PurchaseEvent[] = [{ ...bought, data: { ...bought.data, lines: sold } }];
          for (const asked of steps) {
            const state = stateAfter(purchaseDecider, events);
            const decision =
              'correction' in asked
                ? correctPurchase({ lines: asked.correction, reason: 'random' }, metaAt())
                : refundPurchase(asked);
            events.push(...unlessRefused(() => decision(state)));
            const after = stateAfter(purchaseDecider, events);
            if (after.status !== 'recorded') throw new Error('the purchase is gone');
            expect(after.refunded).toBeLessThanOrEqual(totalsOf(after.lines).revenue);
          }
        },
      ),
    );
  });

  it('leaves nothing after a refund of all that is left', () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 9_000 }),
        (sold, first) => {
          const facts: PurchaseEvent[] = [{ ...bought, data: { ...bought.data, lines: sold } }];
          facts.push(
            ...unlessRefused(() => refundPurchase({ amount: first })(stateAfter(purchaseDecider, facts))),
          );
          facts.push(...refundPurchase({})(stateAfter(purchaseDecider, facts)));
          const after = stateAfter(purchaseDecider, facts);
          expect(after).toMatchObject({ refunded: totalsOf(sold).revenue });
          expect(refundPurchase({})(after)).toEqual([]);
        },
      ),
    );
  });
});

function unlessRefused(decide: () => readonly PurchaseEvent[]): readonly PurchaseEvent[] {
  try {
    return decide();
  } catch (error) {
    expect((error as DomainError).kind).toBe('conflict');
    return [];
  }
}
