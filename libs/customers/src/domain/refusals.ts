import type { DomainError } from '@guanxi/kernel';
import { conflict, notFound } from '@guanxi/kernel';

export const customerUnknown = (): DomainError => notFound('customer.unknown', 'there is no such customer');

export const customerExists = (): DomainError =>
  conflict('customer.already-registered', 'a customer with this id is already registered');

export const customerUnidentified = (): DomainError =>
  conflict('customer.unidentified', 'a customer keeps a name or an externalRef');

export const customerAlreadyLost = (): DomainError =>
  conflict('customer.already-lost', 'the relationship has already ended');

export const customerNotLost = (): DomainError =>
  conflict('customer.not-lost', 'only a customer whose relationship has ended can be reactivated');

export const purchaseUnknown = (): DomainError => notFound('purchase.unknown', 'there is no such purchase');

export const purchaseExists = (): DomainError =>
  conflict('purchase.already-recorded', 'a purchase with this id is already recorded');

export const purchaseNotRefundable = (): DomainError =>
  conflict('purchase.not-refundable', 'a return is itself money given back and cannot be refunded');

/** @param facts what was asked for and what is left, in minor units or pieces */
export const refundExceeds = (facts: Readonly<Record<string, unknown>>): DomainError =>
  conflict('purchase.refund-exceeds', 'a refund cannot give back more than is left of the purchase', facts);

export const correctedBelowRefunds = (revenue: number, refunded: number): DomainError =>
  conflict(
    'purchase.corrected-below-refunds',
    'more has already been refunded than the corrected purchase is worth',
    {
      revenue,
      refunded,
    },
  );
