import type { CommandMeta, Decision, Money } from '@guanxi/kernel';
import { invalidField } from '@guanxi/kernel';
import type { Customer, RegisteredCustomer } from './customer';
import type { CustomerEvent, Profile, ProfileChanges } from './customer-events';
import { changed, compact, effective } from './profile';
import {
  customerAlreadyLost,
  customerExists,
  customerNotLost,
  customerUnidentified,
  customerUnknown,
} from './refusals';
import type { LossCause, RELATIONSHIPS, RESPONSIBLE_SIDES } from './vocabulary';
import { controllableByDefault } from './vocabulary';

type CustomerDecision = Decision<Customer, CustomerEvent>;

export interface RegisterCustomerInput extends ProfileChanges {
  readonly relationship?: (typeof RELATIONSHIPS)[number];
  readonly owner?: string;
}

/** Opens a customer's file; an end customer and a prospect where nothing else is said. */
export const registerCustomer =
  ({ relationship = 'prospect', owner, ...file }: RegisterCustomerInput): CustomerDecision =>
  (customer) => {
    if (customer.status !== 'unregistered') throw customerExists();
    const profile = changed({ kind: 'end' }, checked(file));
    if (profile.name === undefined && profile.externalRef === undefined) {
      throw invalidField('name', 'nameOrExternalRef', 'a customer needs a name or an externalRef');
    }
    return [{ type: 'customer-registered.v1', data: compact({ ...profile, relationship, owner }) }];
  };

/** Changes the file; fields that already say so are left out, and nothing happens when none is left. */
export const updateCustomerProfile =
  (input: ProfileChanges): CustomerDecision =>
  (customer) => {
    const { profile } = registered(customer);
    const changes = effective(profile, checked(input));
    if (Object.keys(changes).length === 0) return [];
    requireIdentified(changed(profile, changes));
    return [{ type: 'customer-profile-updated.v1', data: { changes } }];
  };

export interface CorrectCustomerProfileInput extends ProfileChanges {
  readonly reason: string;
}

/**
 * Says what the file should have said from the command's moment on; a later change of the same field still holds
 * from its own moment on.
 */
export const correctCustomerProfile =
  ({ reason, ...input }: CorrectCustomerProfileInput, { at }: Pick<CommandMeta, 'at'>): CustomerDecision =>
  (customer) => {
    const { profile, registeredAt } = registered(customer);
    if (at < registeredAt) {
      throw invalidField(
        'occurredAt',
        'notBeforeRegistration',
        `the file was opened at ${registeredAt}; it said nothing before`,
      );
    }
    const changes = compact(checked(input));
    if (Object.keys(changes).length === 0) {
      throw invalidField('name', 'required', 'a correction names at least one field of the profile');
    }
    requireIdentified(changed(profile, changes));
    return [{ type: 'customer-profile-corrected.v1', data: { changes, reason } }];
  };

export interface AssignOwnerInput {
  readonly owner: string;
  readonly reason?: string;
}

/** Hands the customer to a seller. */
export const assignOwner =
  ({ owner, reason }: AssignOwnerInput): CustomerDecision =>
  (customer) =>
    registered(customer).owner === owner
      ? []
      : [{ type: 'customer-owner-assigned.v1', data: compact({ owner, reason }) }];

export interface EndRelationshipInput {
  readonly cause: LossCause;
  readonly controllable?: boolean;
  readonly responsible?: (typeof RESPONSIBLE_SIDES)[number];
  readonly destination?: string;
  readonly yearlyRevenueLost?: Money;
  readonly detectedHow?: string;
  readonly assumed?: readonly string[];
}

/**
 * The customer is lost. Whether it could have been kept follows from the cause, and what is lost a year from the
 * file, where the command does not say.
 */
export const endRelationship =
  (input: EndRelationshipInput): CustomerDecision =>
  (customer) => {
    const { status, profile } = registered(customer);
    if (status === 'lost') throw customerAlreadyLost();
    const { cause, assumed, controllable = controllableByDefault(cause) } = input;
    const { responsible, destination, detectedHow, yearlyRevenueLost = profile.yearlyRevenue } = input;
    return [
      {
        type: 'relationship-ended.v1',
        data: compact({
          cause,
          controllable,
          responsible,
          destination,
          yearlyRevenueLost,
          detectedHow,
          ...(assumed && assumed.length > 0 ? { assumed: [...assumed] } : {}),
        }),
      },
    ];
  };

/** A lost customer is one of ours again; it is not a new one. */
export const reactivateCustomer =
  ({ reason }: { readonly reason?: string }): CustomerDecision =>
  (customer) => {
    if (registered(customer).status !== 'lost') throw customerNotLost();
    return [{ type: 'customer-reactivated.v1', data: compact({ reason }) }];
  };

function registered(customer: Customer): RegisteredCustomer {
  if (customer.status === 'unregistered') throw customerUnknown();
  return customer;
}

function requireIdentified({ name, externalRef }: Profile): void {
  if (name === undefined && externalRef === undefined) throw customerUnidentified();
}

/** The fields of a file with what they contain cleared of undefined parts, once their rule holds. */
function checked<F extends Pick<ProfileChanges, 'acquisition'>>(fields: F): F {
  const { acquisition } = fields;
  if (!acquisition) return fields;
  const { channel, referredBy, referralKind } = acquisition;
  if (channel !== 'referral' && (referredBy !== undefined || referralKind !== undefined)) {
    const field = referredBy === undefined ? 'acquisition.referralKind' : 'acquisition.referredBy';
    throw invalidField(field, 'onlyReferral', 'is known only of a customer who came by the channel referral');
  }
  return { ...fields, acquisition: compact(acquisition) };
}
