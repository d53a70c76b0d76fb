import type { DomainError } from '@guanxi/kernel';
import { conflict, invalidField, notFound } from '@guanxi/kernel';
import type { Deal } from './deal';
import type { EntryRule } from './entry-rules';

export const dealUnknown = (): DomainError => notFound('deal.unknown', 'there is no such deal');

export const dealExists = (): DomainError => conflict('deal.exists', 'a deal with this id was opened before');

export const dealNotOpen = ({ status }: Deal): DomainError =>
  conflict('deal.not-open', `the deal is ${status}, not open`, { status });

export const dealNotClosed = ({ status }: Deal): DomainError =>
  conflict('deal.not-closed', `only a won or lost deal can be reopened; this one is ${status}`, { status });

/** Names each rule that is not met, so that the seller knows what is left to do. */
export const criteriaMissing = (to: string, missing: readonly (EntryRule | 'evidence')[]): DomainError =>
  conflict('deal.criteria-missing', `not yet ${to}: ${missing.join(', ')} missing`, { to, missing });

export const notAbove = (from: string, to: string): DomainError =>
  conflict('deal.not-above', `${to} does not lie above ${from}; going back is RegressDeal`, { from, to });

export const notBelow = (from: string, to: string): DomainError =>
  conflict('deal.not-below', `${to} does not lie below ${from}; going on is AdvanceDeal`, { from, to });

export const currencyFixed = (fixed: string, given: string): DomainError =>
  conflict('deal.currency-fixed', `the deal is in ${fixed} since its opening; ${given} is refused`, {
    currency: fixed,
    given,
  });

export const meetingNotHeld = (): DomainError =>
  conflict('deal.meeting-not-scheduled', 'a first meeting that was never scheduled cannot have been held');

export const needed = (field: string, message: string): DomainError =>
  invalidField(field, 'required', message);
