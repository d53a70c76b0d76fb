import type { Happened, Instant, RecordedEvent } from '@guanxi/kernel';
import { categoryOf, idOf, isUuid } from '@guanxi/kernel';
import type { ReadModel } from '@guanxi/projections';
import type { CustomerEvent } from '../domain/customer-events';
import { customerEvents } from '../domain/customer-events';
import { changed } from '../domain/profile';
import type { PurchaseEvent } from '../domain/purchase-events';
import type { CustomerMovement } from './customer-movements';
import { customerMovements } from './customer-movements';
import type { CustomerRow } from './customer-row';
import { customerColumns, fieldsOf, profileOf } from './customer-row';
import { customerWords } from './customer-words';

/** What the model needs of the event that closes a deal; the contract belongs to the deals. */
interface DealWon {
  readonly type: 'deal-won.v1' | 'deal-event-redated.v1';
  readonly data: { readonly customerId?: string };
}
type Purchasing = Extract<PurchaseEvent, { type: 'purchase-recorded.v1' | 'purchase-redated.v1' }>;
type Event = CustomerEvent | Purchasing | DealWon;

const fromElsewhere = ['purchase-recorded.v1', 'purchase-redated.v1', 'deal-won.v1', 'deal-event-redated.v1'];

/** Customers with their status (D1, D6): active from the first purchase or won deal on, until the relationship ends. */
export const customers: ReadModel<CustomerRow, Event, CustomerMovement> = {
  name: 'customers',
  words: customerWords,
  version: 2,
  types: [...customerEvents.map(({ type }) => type), ...fromElsewhere],
  keyOf,
  manyStreams: 'of-every-type',
  columns: customerColumns,
  evolve: (row, event) => {
    switch (event.type) {
      case 'customer-registered.v1':
        return registered(row, event);
      case 'purchase-recorded.v1':
        return event.data.kind === 'sale' ? bought(row, event.at) : row;
      case 'deal-won.v1':
        return activated(row ?? unknownYet, event.at);
      case 'purchase-redated.v1':
      case 'deal-event-redated.v1':
        return row;
      case 'customer-profile-updated.v1':
      case 'customer-profile-corrected.v1':
      case 'customer-owner-assigned.v1':
      case 'relationship-ended.v1':
      case 'customer-reactivated.v1':
        return row && evolve(row, event);
    }
  },
  movements: customerMovements,
  indexes: [
    { name: 'external_ref', table: 'current', on: '(external_ref)' },
    { name: 'owner', table: 'current', on: '(owner)' },
    { name: 'name', table: 'current', on: '(name, id)' },
  ],
};

/** The row of a customer of whom something is known from before its file was opened. */
const unknownYet: CustomerRow = { status: 'prospect' };

/** The customer whose stream it is, or of whom an event of another stream speaks. */
function keyOf(event: RecordedEvent): string | undefined {
  if (categoryOf(event.stream) === 'customer') return idOf(event.stream);
  const { customerId } = event.data;
  return isUuid(customerId) ? customerId.toLowerCase() : undefined;
}

function registered(
  row: CustomerRow | null,
  { data, at }: Extract<Happened<Event>, { type: 'customer-registered.v1' }>,
): CustomerRow {
  const { relationship, owner, ...profile } = data;
  const known = { ...(row ?? unknownYet), ...fieldsOf(profile), owner, registeredAt: at };
  return relationship === 'active' ? activated(known, at) : known;
}

/** A purchase makes a prospect a customer; it does not bring a lost one back. */
function bought(row: CustomerRow | null, at: Instant): CustomerRow {
  const active = activated(row ?? unknownYet, at);
  return active.firstPurchaseAt === undefined ? { ...active, firstPurchaseAt: at } : active;
}

const activated = (row: CustomerRow, at: Instant): CustomerRow =>
  row.status === 'prospect' ? { ...row, status: 'active', activeSince: at } : row;

type OwnEvent = Exclude<CustomerEvent, { type: 'customer-registered.v1' }>;

function evolve(row: CustomerRow, { type, data, at }: Happened<OwnEvent>): CustomerRow {
  switch (type) {
    case 'customer-profile-updated.v1':
    case 'customer-profile-corrected.v1':
      return { ...row, ...fieldsOf(changed(profileOf(row), data.changes)) };
    case 'customer-owner-assigned.v1':
      return { ...row, owner: data.owner };
    case 'relationship-ended.v1': {
      const { cause, controllable, responsible, destination, yearlyRevenueLost } = data;
      return {
        ...row,
        status: 'lost',
        lostAt: at,
        cause,
        controllable,
        responsible,
        destination,
        revenueLost: yearlyRevenueLost?.amount,
        revenueLostCurrency: yearlyRevenueLost?.currency,
      };
    }
    case 'customer-reactivated.v1':
      return { ...row, ...notLost, status: 'active', activeSince: row.activeSince ?? at, returnedAt: at };
  }
}

const notLost = {
  lostAt: undefined,
  cause: undefined,
  controllable: undefined,
  responsible: undefined,
  destination: undefined,
  revenueLost: undefined,
  revenueLostCurrency: undefined,
} as const;
