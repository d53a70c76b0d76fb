import type { RecordedEvent } from '@guanxi/kernel';
import type { Acts } from './draft';
import type { World } from './world';

const INDUSTRIES = ['retail', 'medical', 'software'] as const;
const CAUSES = ['price', 'service', 'natural', 'unknown'] as const;
const PRODUCTS = ['P-0', 'P-1', 'RIBBON'] as const;

const lines = (a: number, b: number, sign = 1) =>
  Array.from({ length: 1 + (b % 2) }, (_, index) => ({
    product: PRODUCTS[(a + index) % 3],
    quantity: sign * (1 + ((a + index) % 4)),
    revenue: sign * 100 * (1 + ((b + index) % 7)),
    ...(a % 3 === 0 ? {} : { costOfGoods: sign * 40 * (1 + (b % 5)) }),
  }));

const owner = (world: World, number: number): { owner?: string } => {
  const id = world.some('seller', number);
  return id === undefined ? {} : { owner: id };
};

/** The purchase's recorded event, for what its corrections may say. */
const recorded = (events: readonly RecordedEvent[]): RecordedEvent | undefined =>
  events.find(({ type }) => type === 'purchase-recorded.v1');

/** Customers and their purchases. */
export const customerActs = {
  register: (world, { a, b }) => ({
    command: 'RegisterCustomer',
    makes: 'customer',
    data: {
      name: `Customer ${a}`,
      externalRef: `C-${b % 4}`,
      region: ['East', 'West'][a % 2],
      industry: INDUSTRIES[b % 3],
      relationship: a % 3 === 0 ? 'active' : 'prospect',
      attributes: { contract: `Kind ${b % 2}` },
      ...(b % 2 ? { yearlyRevenue: { amount: 1_000 * (1 + a), currency: 'CNY' } } : {}),
      ...owner(world, b),
    },
  }),
  'update-profile': (_world, { a, b }) => ({
    command: 'UpdateCustomerProfile',
    about: 'customer',
    data: a % 3 === 0 ? { region: null } : { industry: INDUSTRIES[b % 3], region: ['East', 'West'][a % 2] },
  }),
  'correct-profile': (_world, { a, b }) => ({
    command: 'CorrectCustomerProfile',
    about: 'customer',
    data: {
      reason: 'The register says otherwise',
      ...(a % 2 ? { industry: INDUSTRIES[b % 3] } : { sizeBand: `${b}`, externalRef: `C-${b % 4}` }),
    },
  }),
  'assign-customer': (world, { a }) => ({
    command: 'AssignOwner',
    about: 'customer',
    needs: 'seller',
    data: owner(world, a),
  }),
  'end-relationship': (_world, { a, b }) => ({
    command: 'EndRelationship',
    about: 'customer',
    unless: (state) => ((state as { status?: string }).status === 'lost' ? 'reactivate' : undefined),
    data: {
      cause: CAUSES[a % 4],
      ...(b % 2 ? { responsible: 'us', destination: `Other ${b % 3}` } : {}),
      ...(b % 3 === 0 ? { yearlyRevenueLost: { amount: 500 * (1 + b), currency: 'CNY' } } : {}),
    },
  }),
  reactivate: (_world, { a }) => ({
    command: 'ReactivateCustomer',
    about: 'customer',
    unless: (state) => ((state as { status?: string }).status === 'lost' ? undefined : 'end-relationship'),
    data: a % 2 ? { reason: 'Came back' } : {},
  }),
  'record-purchase': (world, { a, b, who }) => ({
    command: 'RecordPurchase',
    makes: 'purchase',
    needs: 'customer',
    data: {
      customerId: world.some('customer', who),
      kind: a % 6 === 5 ? 'return' : 'sale',
      lines: lines(a, b, a % 6 === 5 ? -1 : 1),
      currency: a % 10 === 9 ? 'USD' : 'CNY',
      ...(b % 2 ? { channel: `Channel ${b % 3}` } : {}),
    },
  }),
  'correct-lines': (_world, { a, b }, { events }) => ({
    command: 'CorrectPurchase',
    about: 'purchase',
    data: {
      reason: 'Counted again',
      lines: lines(a, b, recorded(events)?.data['kind'] === 'return' ? -1 : 1),
    },
  }),
  'move-purchase': (world, { a, late }, { events }) => ({
    command: 'CorrectPurchase',
    about: 'purchase',
    data: {
      reason: 'The receipt names another day',
      purchasedAt: firstOf(
        world.before(late),
        events.find(({ type }) => type === 'purchase-refunded.v1')?.occurredAt,
      ),
      ...(a % 3 === 0
        ? { lines: lines(a, a + 1, recorded(events)?.data['kind'] === 'return' ? -1 : 1) }
        : {}),
    },
  }),
  refund: (_world, { a, b }) => ({
    command: 'RefundPurchase',
    about: 'purchase',
    unless: (state) => ((state as { kind?: string }).kind === 'return' ? 'record-purchase' : undefined),
    data: b % 3 === 0 ? {} : { amount: 10 * (1 + a), reason: 'Broken on arrival' },
  }),
} satisfies Acts;

const firstOf = (at: string, limit: string | undefined): string =>
  limit !== undefined && limit < at ? limit : at;
