import { validateInput } from '@guanxi/commanding';
import { EventRegistry } from '@guanxi/event-store';
import { DomainError } from '@guanxi/kernel';
import { metaAt, stateAfter } from '../../../../test/support/given';
import { customerDecider } from '../domain/customer';
import type { CustomerEvent } from '../domain/customer-events';
import { customerEvents } from '../domain/customer-events';
import { purchaseDecider } from '../domain/purchase';
import type { PurchaseEvent } from '../domain/purchase-events';
import { purchaseEvents } from '../domain/purchase-events';
import { customerCommands } from './commands';

const ID = '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d';
const registry = new EventRegistry([...customerEvents, ...purchaseEvents]);

const command = (name: string) => {
  const spec = customerCommands.find((candidate) => candidate.name === name);
  if (!spec) throw new Error(`no command ${name}`);
  return spec;
};

function refusedFields(name: string, data: object): readonly string[] {
  try {
    validateInput(command(name).input, data);
  } catch (error) {
    if (error instanceof DomainError) return error.errors.map(({ field, rule }) => `${field} ${rule}`);
    throw error;
  }
  return [];
}

describe('each command', () => {
  const lost = [
    { type: 'customer-registered.v1', data: { kind: 'end', relationship: 'active', externalRef: 'A' } },
    { type: 'relationship-ended.v1', data: { cause: 'price' } },
  ] satisfies CustomerEvent[];
  const bought = {
    type: 'purchase-recorded.v1',
    data: {
      customerId: ID,
      kind: 'sale',
      currency: 'GBP',
      lines: [{ product: '85048', quantity: 12, revenue: 8_340 }],
    },
  } satisfies PurchaseEvent;

  it.each(customerCommands.map((spec) => [spec.name, spec] as const))(
    '%s takes its own example',
    (name, spec) => {
      const input = validateInput(spec.input, spec.example);
      const customer = stateAfter(customerDecider, name === 'ReactivateCustomer' ? lost : lost.slice(0, 1));
      const states = { customer, purchase: stateAfter(purchaseDecider, [bought]) };
      const opens = spec.verb === undefined;
      const state = opens ? spec.decider.initial : states[spec.category as keyof typeof states];
      const events = spec.decide(input, metaAt('2026-04-01T00:00:00Z'), ID)(state);
      expect(events.length).toBeGreaterThan(0);
      for (const { type, data } of events) expect(() => registry.check(type, data)).not.toThrow();
    },
  );
});

describe('bad input', () => {
  const purchase = { customerId: ID, currency: 'GBP', lines: [{ product: 'A', quantity: 1, revenue: 1 }] };

  it.each([
    ['RegisterCustomer', { name: 'Acme', nickname: 'A' }, 'nickname unknownField'],
    ['RegisterCustomer', { name: 7 }, 'name isString'],
    ['RegisterCustomer', { name: '' }, 'name isLength'],
    ['RegisterCustomer', { name: 'Acme', kind: 'friend' }, 'kind isIn'],
    ['RegisterCustomer', { name: 'Acme', kind: null }, 'kind isIn'],
    ['RegisterCustomer', { name: 'Acme', owner: 'x' }, 'owner isUuid'],
    [
      'RegisterCustomer',
      { name: 'Acme', yearlyRevenue: { amount: 1.5, currency: 'CNY' } },
      'yearlyRevenue isMoney',
    ],
    [
      'RegisterCustomer',
      { name: 'Acme', yearlyRevenue: { amount: 1, currency: 'QQQ' } },
      'yearlyRevenue isMoney',
    ],
    ['RegisterCustomer', { name: 'Acme', acquisition: { channel: 'magic' } }, 'acquisition.channel isIn'],
    [
      'RegisterCustomer',
      { name: 'Acme', acquisition: { channel: 'web', by: 1 } },
      'acquisition.by unknownField',
    ],
    ['RegisterCustomer', { name: 'Acme', productInterests: ['A', 'A'] }, 'productInterests arrayUnique'],
    ['RegisterCustomer', { name: 'Acme', attributes: { 'a b': 1 } }, 'attributes isAttributes'],
    ['AssignOwner', { owner: null }, 'owner isUuid'],
    ['EndRelationship', {}, 'cause isIn'],
    ['EndRelationship', { cause: 'price', controllable: 'yes' }, 'controllable isBoolean'],
    ['EndRelationship', { cause: 'price', yearlyRevenueLost: null }, 'yearlyRevenueLost isMoney'],
    ['RecordPurchase', { ...purchase, currency: 'pounds' }, 'currency isCurrencyCode'],
    ['RecordPurchase', { ...purchase, lines: [] }, 'lines fitsSchema'],
    ['RecordPurchase', { ...purchase, lines: [{ ...purchase.lines[0], revenue: 1.5 }] }, 'lines fitsSchema'],
    ['RecordPurchase', { ...purchase, lines: [{ ...purchase.lines[0], price: 1 }] }, 'lines fitsSchema'],
    ['RecordPurchase', { ...purchase, selectionMinutes: -1 }, 'selectionMinutes min'],
    ['CorrectPurchase', { lines: purchase.lines }, 'reason isString'],
    ['CorrectPurchase', { purchasedAt: '2026-01-01', reason: 'x' }, 'purchasedAt isInstant'],
    ['RefundPurchase', { amount: 0 }, 'amount min'],
    ['RefundPurchase', { amount: 1.5 }, 'amount isInt'],
    ['RefundPurchase', { lines: [{ product: 'A', quantity: -1, revenue: 1 }] }, 'lines fitsSchema'],
  ])('%s refuses %j: %s', (name, data, broken) => expect(refusedFields(name, data)).toContain(broken));

  it('names the line that does not fit', () => {
    const lines = [purchase.lines[0], { product: 'A', quantity: 'two', revenue: 1 }];
    expect(() => validateInput(command('RecordPurchase').input, { ...purchase, lines })).toThrow(
      /\/1\/quantity/,
    );
  });

  it('says nothing of a name', () =>
    expect(() => validateInput(command('RegisterCustomer').input, { name: 'Mrs Secret', kind: 'x' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('Secret') }),
    ));
});

describe('references', () => {
  const referencesOf = (name: string, data: object) =>
    command(name).references(validateInput(command(name).input, data));

  it('name the customer of a purchase, in lower case', () =>
    expect(
      referencesOf('RecordPurchase', {
        customerId: ID.toUpperCase(),
        currency: 'GBP',
        lines: [{ product: 'A', quantity: 1, revenue: 1 }],
      }),
    ).toEqual([{ field: 'customerId', stream: `customer-${ID}` }]));

  it('name the referrer and the owner of a customer', () =>
    expect(
      referencesOf('RegisterCustomer', {
        name: 'A',
        owner: ID,
        acquisition: { channel: 'referral', referredBy: ID },
      }),
    ).toEqual([
      { field: 'acquisition.referredBy', stream: `customer-${ID}` },
      { field: 'owner', stream: `seller-${ID}` },
    ]));

  it('are none where nothing is named', () =>
    expect(referencesOf('RegisterCustomer', { name: 'A' })).toEqual([]));
});
