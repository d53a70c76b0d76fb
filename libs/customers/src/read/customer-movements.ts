import type { Movements } from '@guanxi/projections';
import type { LossCause } from '../domain/vocabulary';
import type { CustomerRow } from './customer-row';

/** One customer won for the first time, lost, or won back. */
export interface CustomerMovement {
  readonly kind: 'new' | 'lost' | 'returned';
  readonly count: 1;
  /** Yearly revenue lost with the customer, in minor units of `currency`. */
  readonly revenueLost?: number;
  readonly currency?: string;
  readonly cause?: LossCause;
  readonly controllable?: boolean;
  readonly responsible?: string;
  readonly destination?: string;
}

/**
 * What changes the number of active customers, and nothing else does: over any period the active at its end are
 * those at its start plus new plus returned minus lost.
 */
export const customerMovements: Movements<CustomerRow, CustomerMovement, unknown> = {
  columns: {
    kind: 'text',
    count: 'integer',
    revenueLost: 'bigint',
    currency: 'text',
    cause: 'text',
    controllable: 'boolean',
    responsible: 'text',
    destination: 'text',
  },
  of: (before, after) => {
    const wasActive = before?.status === 'active';
    const isActive = after?.status === 'active';
    if (!after || wasActive === isActive) return [];
    if (isActive) return [{ kind: before?.activeSince === undefined ? 'new' : 'returned', count: 1 }];
    const {
      revenueLost,
      revenueLostCurrency: currency,
      cause,
      controllable,
      responsible,
      destination,
    } = after;
    return [{ kind: 'lost', count: 1, revenueLost, currency, cause, controllable, responsible, destination }];
  },
};
