import { parseInstant } from '@guanxi/kernel';
import { given, metaAt } from '../../../../test/support/given';
import { customerDecider } from './customer';
import {
  assignOwner,
  correctCustomerProfile,
  endRelationship,
  reactivateCustomer,
  registerCustomer,
  updateCustomerProfile,
} from './customer-decisions';
import type { CustomerEvent } from './customer-events';

const OWNER = '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2e';
const OTHER = '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2f';
const revenue = { amount: 10_000_000, currency: 'CNY' };

const registered = {
  type: 'customer-registered.v1',
  data: { kind: 'end', relationship: 'prospect', name: 'Acme', industry: 'retail', yearlyRevenue: revenue },
} satisfies CustomerEvent;
const ended = {
  type: 'relationship-ended.v1',
  data: { cause: 'price', controllable: true },
} satisfies CustomerEvent;
const back = { type: 'customer-reactivated.v1', data: {} } satisfies CustomerEvent;

const customer = given(customerDecider);

describe('registering a customer', () => {
  it('makes an end customer and a prospect of one of whom nothing else is said', () =>
    customer()
      .when(registerCustomer({ name: 'Acme' }))
      .then({
        type: 'customer-registered.v1',
        data: { kind: 'end', relationship: 'prospect', name: 'Acme' },
      }));

  it('keeps every field of the file, and leaves out those that are empty', () =>
    customer()
      .when(
        registerCustomer({
          externalRef: 'A-1',
          kind: 'intermediary',
          relationship: 'active',
          owner: OWNER,
          region: null,
          acquisition: { channel: 'referral', referredBy: OTHER, referralKind: 'partner' },
          productInterests: ['GTX'],
          yearlyRevenue: revenue,
          attributes: { contract: 'Two year' },
        }),
      )
      .then({
        type: 'customer-registered.v1',
        data: {
          kind: 'intermediary',
          relationship: 'active',
          externalRef: 'A-1',
          owner: OWNER,
          acquisition: { channel: 'referral', referredBy: OTHER, referralKind: 'partner' },
          productInterests: ['GTX'],
          yearlyRevenue: revenue,
          attributes: { contract: 'Two year' },
        },
      }));

  it('needs a name or an externalRef', () =>
    customer()
      .when(registerCustomer({ region: 'West' }))
      .thenRefusesField('name', 'nameOrExternalRef'));

  it.each([
    ['acquisition.referredBy', { channel: 'web', referredBy: OTHER }],
    ['acquisition.referralKind', { channel: 'web', referralKind: 'partner' }],
  ] as const)('refuses %s for a customer who was not referred', (field, acquisition) =>
    customer()
      .when(registerCustomer({ name: 'Acme', acquisition }))
      .thenRefusesField(field, 'onlyReferral'),
  );

  it('refuses an id that is taken', () =>
    customer(registered)
      .when(registerCustomer({ name: 'Acme' }))
      .thenRefuses('customer.already-registered'));
});

describe('changing the file', () => {
  it('notes only what really changes', () =>
    customer(registered)
      .when(
        updateCustomerProfile({
          name: 'Acme',
          industry: 'medical',
          region: null,
          yearlyRevenue: { ...revenue },
        }),
      )
      .then({ type: 'customer-profile-updated.v1', data: { changes: { industry: 'medical' } } }));

  it('empties a field that is given as null', () =>
    customer(registered, { type: 'customer-profile-updated.v1', data: { changes: { region: 'West' } } })
      .when(updateCustomerProfile({ region: null, industry: null }))
      .then({ type: 'customer-profile-updated.v1', data: { changes: { region: null, industry: null } } }));

  it('does nothing when the file already says so', () =>
    customer(registered, { type: 'customer-profile-updated.v1', data: { changes: { industry: null } } })
      .when(updateCustomerProfile({ industry: null, name: 'Acme' }))
      .thenNothing());

  it('keeps a name or an externalRef', () =>
    customer(registered)
      .when(updateCustomerProfile({ name: null }))
      .thenRefuses('customer.unidentified'));

  it('lets the name go once there is an externalRef', () =>
    customer(registered)
      .when(updateCustomerProfile({ name: null, externalRef: 'A-1' }))
      .then({ type: 'customer-profile-updated.v1', data: { changes: { name: null, externalRef: 'A-1' } } }));

  it('refuses a referral of a customer who was not referred', () =>
    customer(registered)
      .when(updateCustomerProfile({ acquisition: { channel: 'club', referredBy: OTHER } }))
      .thenRefusesField('acquisition.referredBy', 'onlyReferral'));

  it('knows no customer that was never registered', () =>
    customer()
      .when(updateCustomerProfile({ industry: 'retail' }))
      .thenRefuses('customer.unknown'));
});

describe('correcting the file', () => {
  const on = { ...registered, at: parseInstant('2026-02-01T00:00:00Z') };

  it('notes what should have been there, also where the file says so today', () =>
    customer(on)
      .when(correctCustomerProfile({ industry: 'retail', reason: 'typo' }, metaAt('2026-02-02T00:00:00Z')))
      .then({
        type: 'customer-profile-corrected.v1',
        data: { changes: { industry: 'retail' }, reason: 'typo' },
      }));

  it('says nothing about the time before the file was opened', () =>
    customer(on)
      .when(correctCustomerProfile({ industry: 'retail', reason: 'typo' }, metaAt('2026-01-31T00:00:00Z')))
      .thenRefusesField('occurredAt', 'notBeforeRegistration'));

  it('names at least one field', () =>
    customer(on)
      .when(correctCustomerProfile({ reason: 'typo' }, metaAt('2026-02-02T00:00:00Z')))
      .thenRefusesField('name', 'required'));

  it('keeps a name or an externalRef', () =>
    customer(on)
      .when(correctCustomerProfile({ name: null, reason: 'typo' }, metaAt('2026-02-02T00:00:00Z')))
      .thenRefuses('customer.unidentified'));

  it('knows no customer that was never registered', () =>
    customer()
      .when(correctCustomerProfile({ name: 'Acme', reason: 'typo' }, metaAt()))
      .thenRefuses('customer.unknown'));
});

describe('assigning an owner', () => {
  it('hands the customer over', () =>
    customer(registered)
      .when(assignOwner({ owner: OWNER, reason: 'new territory' }))
      .then({ type: 'customer-owner-assigned.v1', data: { owner: OWNER, reason: 'new territory' } }));

  it('does nothing for the owner that it has', () =>
    customer({ ...registered, data: { ...registered.data, owner: OWNER } })
      .when(assignOwner({ owner: OWNER }))
      .thenNothing());

  it('hands it back to an earlier owner', () =>
    customer(
      { ...registered, data: { ...registered.data, owner: OWNER } },
      { type: 'customer-owner-assigned.v1', data: { owner: OTHER } },
    )
      .when(assignOwner({ owner: OWNER }))
      .then({ type: 'customer-owner-assigned.v1', data: { owner: OWNER } }));

  it('knows no customer that was never registered', () =>
    customer()
      .when(assignOwner({ owner: OWNER }))
      .thenRefuses('customer.unknown'));
});

describe('ending a relationship', () => {
  it.each([
    ['product', true],
    ['price', true],
    ['service', true],
    ['benefit', true],
    ['management', true],
    ['industry', false],
    ['natural', false],
  ] as const)('judges a loss for %s controllable: %s', (cause, controllable) =>
    customer(registered)
      .when(endRelationship({ cause }))
      .then({ type: 'relationship-ended.v1', data: { cause, controllable, yearlyRevenueLost: revenue } }),
  );

  it('judges nothing where the cause is unknown', () =>
    customer(registered)
      .when(endRelationship({ cause: 'unknown', assumed: ['cause'] }))
      .then({
        type: 'relationship-ended.v1',
        data: { cause: 'unknown', yearlyRevenueLost: revenue, assumed: ['cause'] },
      }));

  it('takes the word of the command before the defaults', () =>
    customer(registered)
      .when(
        endRelationship({
          cause: 'natural',
          controllable: true,
          responsible: 'us',
          destination: 'Competitor',
          detectedHow: 'phone',
          yearlyRevenueLost: { amount: 1, currency: 'USD' },
        }),
      )
      .then({
        type: 'relationship-ended.v1',
        data: {
          cause: 'natural',
          controllable: true,
          responsible: 'us',
          destination: 'Competitor',
          detectedHow: 'phone',
          yearlyRevenueLost: { amount: 1, currency: 'USD' },
        },
      }));

  it('takes the yearly revenue that the file says now', () =>
    customer(registered, { type: 'customer-profile-updated.v1', data: { changes: { yearlyRevenue: null } } })
      .when(endRelationship({ cause: 'price' }))
      .then({ type: 'relationship-ended.v1', data: { cause: 'price', controllable: true } }));

  it('loses a customer only once', () =>
    customer(registered, ended)
      .when(endRelationship({ cause: 'price' }))
      .thenRefuses('customer.already-lost'));

  it('loses a customer who came back again', () =>
    customer(registered, ended, back)
      .when(endRelationship({ cause: 'service' }))
      .then({
        type: 'relationship-ended.v1',
        data: { cause: 'service', controllable: true, yearlyRevenueLost: revenue },
      }));

  it('knows no customer that was never registered', () =>
    customer()
      .when(endRelationship({ cause: 'price' }))
      .thenRefuses('customer.unknown'));
});

describe('reactivating a customer', () => {
  it('takes a lost customer back', () =>
    customer(registered, ended)
      .when(reactivateCustomer({ reason: 'new prices' }))
      .then({ type: 'customer-reactivated.v1', data: { reason: 'new prices' } }));

  it('refuses one that is not lost', () =>
    customer(registered).when(reactivateCustomer({})).thenRefuses('customer.not-lost'));

  it('refuses one that already is back', () =>
    customer(registered, ended, back).when(reactivateCustomer({})).thenRefuses('customer.not-lost'));

  it('knows no customer that was never registered', () =>
    customer().when(reactivateCustomer({})).thenRefuses('customer.unknown'));
});
