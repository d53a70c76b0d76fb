import type { Decider, Happened, Instant } from '@guanxi/kernel';
import type { CustomerEvent, Profile } from './customer-events';
import { changed } from './profile';

/** What is known of a customer on its own stream: all that its decisions need. */
export type Customer =
  | { readonly status: 'unregistered' }
  | {
      /** `lost` until it is reactivated; whether a customer ever bought is told by its purchases and deals. */
      readonly status: 'registered' | 'lost';
      readonly profile: Profile;
      readonly registeredAt: Instant;
      readonly owner?: string;
    };

/** A customer whose file has been opened. */
export type RegisteredCustomer = Exclude<Customer, { readonly status: 'unregistered' }>;

const unregistered: Customer = { status: 'unregistered' };

function evolve(customer: Customer, event: Happened<CustomerEvent>): Customer {
  if (event.type === 'customer-registered.v1') {
    const { owner, relationship: _relationship, ...profile } = event.data;
    return { status: 'registered', profile, registeredAt: event.at, ...(owner ? { owner } : {}) };
  }
  if (customer.status === 'unregistered') return customer;
  switch (event.type) {
    case 'customer-profile-updated.v1':
    case 'customer-profile-corrected.v1':
      return { ...customer, profile: changed(customer.profile, event.data.changes) };
    case 'customer-owner-assigned.v1':
      return { ...customer, owner: event.data.owner };
    case 'relationship-ended.v1':
      return { ...customer, status: 'lost' };
    case 'customer-reactivated.v1':
      return { ...customer, status: 'registered' };
  }
}

export const customerDecider: Decider<Customer, CustomerEvent> = { initial: unregistered, evolve };
