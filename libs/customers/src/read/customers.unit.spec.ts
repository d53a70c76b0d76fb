import type { Instant } from '@guanxi/kernel';
import { parseInstant, plusMilliseconds } from '@guanxi/kernel';
import { foldTimeline } from '@guanxi/projections';
import fc from 'fast-check';
import type { Told } from '../testing/events';
import { recorded } from '../testing/events';
import { churnFigures } from './churn-figures';
import type { CustomerMovement } from './customer-movements';
import type { CustomerRow } from './customer-row';
import { customers } from './customers';

const ID = '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d';
const own = (type: string, at: string, data: object = {}): Told => ({
  stream: `customer-${ID}`,
  type,
  at,
  data,
});
const registered = (at: string, relationship = 'prospect', more: object = {}): Told =>
  own('customer-registered.v1', at, { kind: 'end', relationship, name: 'Acme', region: 'West', ...more });
const ended = (at: string, more: object = {}): Told =>
  own('relationship-ended.v1', at, { cause: 'price', ...more });
const back = (at: string): Told => own('customer-reactivated.v1', at);
const bought = (stream: string, at: string, kind = 'sale'): Told => ({
  stream: `purchase-${stream}`,
  type: 'purchase-recorded.v1',
  at,
  data: { customerId: ID.toUpperCase(), kind, lines: [], currency: 'GBP' },
});
const won = (at: string): Told => ({ stream: 'deal-1', type: 'deal-won.v1', at, data: { customerId: ID } });

function fold(...told: Told[]) {
  const { versions, movements } = foldTimeline(customers, ID, recorded(told));
  const rows = versions.map(
    ({ row, validFrom }) => ({ ...row, validFrom }) as CustomerRow & { validFrom: Instant },
  );
  const moves = movements.map(({ movement, at }) => ({ ...(movement as CustomerMovement), at }));
  return { rows, last: rows.at(-1), moves };
}

describe('whose row an event belongs to', () => {
  const keyOf = (told: Told) => recorded([told]).map((event) => customers.keyOf(event));

  it('is the customer of the stream, of the purchase or of the deal', () => {
    for (const told of [
      registered('2026-01-01T00:00:00Z'),
      bought('1', '2026-01-01T00:00:00Z'),
      won('2026-01-01T00:00:00Z'),
    ]) {
      expect(keyOf(told)).toEqual([ID]);
    }
  });

  it('is nobody for a deal without customer', () =>
    expect(keyOf({ ...won('2026-01-01T00:00:00Z'), data: {} })).toEqual([undefined]));
});

describe('status of a customer', () => {
  it('is prospect until the first purchase', () => {
    const { rows, moves } = fold(registered('2026-01-01T00:00:00Z'), bought('1', '2026-02-01T00:00:00Z'));
    expect(rows.map(({ status }) => status)).toEqual(['prospect', 'active']);
    expect(rows[1]).toMatchObject({
      activeSince: '2026-02-01T00:00:00.000Z',
      firstPurchaseAt: '2026-02-01T00:00:00.000Z',
      registeredAt: '2026-01-01T00:00:00.000Z',
    });
    expect(moves).toEqual([{ kind: 'new', count: 1, at: '2026-02-01T00:00:00.000Z' }]);
  });

  it('is active from a won deal on, which is no purchase', () => {
    const { last, moves } = fold(registered('2026-01-01T00:00:00Z'), won('2026-02-01T00:00:00Z'));
    expect(last).toMatchObject({ status: 'active', activeSince: '2026-02-01T00:00:00.000Z' });
    expect(last?.firstPurchaseAt).toBeUndefined();
    expect(moves).toHaveLength(1);
  });

  it('is active at once for one that was a customer already', () => {
    const { rows, moves } = fold(registered('2026-01-01T00:00:00Z', 'active'));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ status: 'active', activeSince: '2026-01-01T00:00:00.000Z' });
    expect(moves).toEqual([{ kind: 'new', count: 1, at: '2026-01-01T00:00:00.000Z' }]);
  });

  it('is not changed by a return without original', () =>
    expect(
      fold(registered('2026-01-01T00:00:00Z'), bought('1', '2026-02-01T00:00:00Z', 'return')).rows,
    ).toHaveLength(1));

  it('is the very same row after a further purchase', () => {
    const row: CustomerRow = {
      status: 'active',
      activeSince: parseInstant('2026-01-01T00:00:00Z'),
      firstPurchaseAt: parseInstant('2026-01-01T00:00:00Z'),
    };
    const at = parseInstant('2026-02-01T00:00:00Z');
    const data = { customerId: ID, kind: 'sale' as const, lines: [], currency: 'GBP' };
    expect(
      customers.evolve(
        row,
        { type: 'purchase-recorded.v1', data, at, revision: 0, stream: 'purchase-1' },
        ID,
      ),
    ).toBe(row);
  });

  it('is lost with all that the end says, and the loss is counted once', () => {
    const loss = {
      cause: 'service',
      controllable: true,
      responsible: 'us',
      destination: 'Competitor',
      yearlyRevenueLost: { amount: 500, currency: 'CNY' },
    };
    const { last, moves } = fold(
      registered('2026-01-01T00:00:00Z', 'active'),
      ended('2026-03-01T00:00:00Z', loss),
    );
    expect(last).toMatchObject({
      status: 'lost',
      lostAt: '2026-03-01T00:00:00.000Z',
      cause: 'service',
      revenueLost: 500,
      revenueLostCurrency: 'CNY',
    });
    expect(moves[1]).toEqual({
      kind: 'lost',
      count: 1,
      cause: 'service',
      controllable: true,
      responsible: 'us',
      destination: 'Competitor',
      revenueLost: 500,
      currency: 'CNY',
      at: '2026-03-01T00:00:00.000Z',
    });
  });

  it('stays lost when a lost customer buys, until the relationship is taken up again', () => {
    const { rows, moves } = fold(
      registered('2026-01-01T00:00:00Z', 'active'),
      ended('2026-03-01T00:00:00Z'),
      bought('1', '2026-04-01T00:00:00Z'),
      back('2026-05-01T00:00:00Z'),
    );
    expect(rows.map(({ status }) => status)).toEqual(['active', 'lost', 'lost', 'active']);
    expect(rows[3]).toMatchObject({
      activeSince: '2026-01-01T00:00:00.000Z',
      returnedAt: '2026-05-01T00:00:00.000Z',
      firstPurchaseAt: '2026-04-01T00:00:00.000Z',
    });
    expect(rows[3]?.cause).toBeUndefined();
    expect(moves.map(({ kind }) => kind)).toEqual(['new', 'lost', 'returned']);
  });

  it('counts nobody as lost or returned who never was a customer', () => {
    const { rows, moves } = fold(
      registered('2026-01-01T00:00:00Z'),
      ended('2026-02-01T00:00:00Z'),
      back('2026-03-01T00:00:00Z'),
    );
    expect(rows.map(({ status }) => status)).toEqual(['prospect', 'lost', 'active']);
    expect(moves).toEqual([{ kind: 'new', count: 1, at: '2026-03-01T00:00:00.000Z' }]);
  });

  it('knows of a purchase from before the file was opened', () => {
    const { rows } = fold(registered('2026-02-01T00:00:00Z'), bought('1', '2026-01-01T00:00:00Z'));
    expect(rows.map(({ status, name }) => ({ status, name }))).toEqual([
      { status: 'active', name: undefined },
      { status: 'active', name: 'Acme' },
    ]);
  });

  it('follows a purchase to the moment at which it really was made', () => {
    const to = parseInstant('2026-01-15T00:00:00Z');
    const { last } = fold(registered('2026-01-01T00:00:00Z'), bought('1', '2026-02-01T00:00:00Z'), {
      stream: 'purchase-1',
      type: 'purchase-redated.v1',
      at: to,
      data: { customerId: ID, redates: { revision: 0, to }, reason: 'receipt' },
    });
    expect(last).toMatchObject({ activeSince: to, firstPurchaseAt: to });
  });
});

describe('the file of a customer', () => {
  it('shows changes, empties fields, and keeps the others', () => {
    const { last } = fold(
      registered('2026-01-01T00:00:00Z', 'prospect', {
        acquisition: { channel: 'web' },
        productInterests: ['A'],
      }),
      own('customer-profile-updated.v1', '2026-01-02T00:00:00Z', {
        changes: { region: null, kind: 'internal', yearlyRevenue: { amount: 7, currency: 'EUR' } },
      }),
      own('customer-owner-assigned.v1', '2026-01-03T00:00:00Z', { owner: ID }),
    );
    expect(last).toMatchObject({
      name: 'Acme',
      kind: 'internal',
      channel: 'web',
      productInterests: ['A'],
      yearlyRevenue: 7,
      currency: 'EUR',
      owner: ID,
    });
    expect(last?.region).toBeUndefined();
  });

  it('lets a correction hold until the next change of its field', () => {
    const { rows } = fold(
      registered('2026-01-01T00:00:00Z'),
      own('customer-profile-updated.v1', '2026-01-10T00:00:00Z', { changes: { region: 'East' } }),
      own('customer-profile-corrected.v1', '2026-01-05T00:00:00Z', {
        changes: { region: 'North', industry: 'retail' },
        reason: 'typo',
      }),
    );
    expect(rows.map(({ region, industry }) => [region, industry])).toEqual([
      ['West', undefined],
      ['North', 'retail'],
      ['East', 'retail'],
    ]);
  });
});

describe('laws of churn history', () => {
  const EPOCH = parseInstant('2026-01-01T00:00:00Z');
  const day = (days: number): Instant => plusMilliseconds(EPOCH, days * 86_400_000);
  const step = fc.record({
    kind: fc.constantFrom('end', 'back', 'buy', 'win'),
    day: fc.integer({ min: 0, max: 60 }),
  });
  const history = fc.record({
    registeredOn: fc.integer({ min: 0, max: 60 }),
    relationship: fc.constantFrom('prospect', 'active'),
    steps: fc.array(step, { maxLength: 12 }),
  });

  it('opening + new + returned - lost = closing, and the opening is the closing of the day before', () => {
    const period = fc.tuple(fc.integer({ min: -1, max: 61 }), fc.integer({ min: 0, max: 61 }));
    fc.assert(
      fc.property(fc.array(history, { minLength: 1, maxLength: 6 }), period, (all, [first, length]) => {
        const folded = all.map(({ registeredOn, relationship, steps }) =>
          fold(
            registered(day(registeredOn), relationship),
            ...steps.map(({ kind, day: on }, index) => {
              if (kind === 'end') return ended(day(on));
              if (kind === 'back') return back(day(on));
              return kind === 'buy' ? bought(String(index), day(on)) : won(day(on));
            }),
          ),
        );
        const [from, to] = [day(first), day(first + length)];
        const activeBefore = (moment: Instant): number =>
          folded.filter(
            ({ rows }) => rows.filter(({ validFrom }) => validFrom < moment).at(-1)?.status === 'active',
          ).length;
        const moved = folded.flatMap(({ moves }) => moves).filter(({ at }) => at >= from && at < to);
        const count = (kind: string): number => moved.filter((move) => move.kind === kind).length;
        const counts = {
          closing: activeBefore(to),
          new: count('new'),
          returned: count('returned'),
          lost: count('lost'),
        };
        const figures = churnFigures(counts, [], { margin: 1 });
        expect(figures.opening + figures.new + figures.returned - figures.lost).toBe(figures.closing);
        expect(figures.opening).toBe(activeBefore(from));
      }),
    );
  });

  it('a customer is new once', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        const { moves } = fold(
          registered(day(0)),
          ...steps.map(({ kind, day: on }) =>
            kind === 'end' ? ended(day(on)) : kind === 'back' ? back(day(on)) : won(day(on)),
          ),
        );
        expect(moves.filter(({ kind }) => kind === 'new').length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
