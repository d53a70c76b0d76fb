import type { DomainError } from '@guanxi/kernel';
import { conflict, notFound } from '@guanxi/kernel';
import type { Complaint } from './complaint';
import { FAILED_FOLLOW_UPS } from './policy';

/** The steps that lead to a closed complaint, in their order. */
const STEPS = ['acknowledged', 'proposed', 'proposal-not-refused', 'resolved', 'followed-up'] as const;
export type Step = (typeof STEPS)[number];

const taken: Readonly<Record<Step, (complaint: Complaint) => boolean>> = {
  acknowledged: ({ acknowledgement }) => acknowledgement !== undefined,
  proposed: ({ proposal }) => proposal !== undefined,
  // A proposal that is not answered does not stand in the way of helping.
  'proposal-not-refused': ({ answer }) => answer?.accepted !== false,
  resolved: ({ resolution }) => resolution !== undefined,
  'followed-up': ({ reached, failedFollowUps }) => reached || failedFollowUps >= FAILED_FOLLOW_UPS,
};

/** The steps up to and with `last` that have not been taken. */
export const stepsMissing = (complaint: Complaint, last: Step): readonly Step[] =>
  STEPS.slice(0, STEPS.indexOf(last) + 1).filter((step) => !taken[step](complaint));

/** @throws DomainError `complaint.order` naming each step that is missing */
export function requireSteps(complaint: Complaint, last: Step): void {
  const missing = stepsMissing(complaint, last);
  if (missing.length > 0) throw outOfOrder(complaint.status, missing);
}

export const outOfOrder = (status: Complaint['status'], missing: readonly Step[]): DomainError =>
  conflict('complaint.order', `not yet: ${missing.join(', ')} missing`, { status, missing });

export const complaintUnknown = (): DomainError =>
  notFound('complaint.unknown', 'there is no such complaint');

/** @throws DomainError `complaint.unknown`; `complaint.not-open` for one that is resolved or at its end */
export function requireOpen(complaint: Complaint): void {
  if (complaint.status === 'none') throw complaintUnknown();
  if (['resolved', 'closed', 'withdrawn'].includes(complaint.status)) throw notOpen(complaint);
}

/** @throws DomainError `complaint.unknown`; `complaint.not-open` for one that is closed or withdrawn */
export function requireUnfinished(complaint: Complaint): void {
  if (complaint.status === 'none') throw complaintUnknown();
  if (complaint.status === 'closed' || complaint.status === 'withdrawn') throw notOpen(complaint);
}

const notOpen = ({ status }: Complaint): DomainError =>
  conflict('complaint.not-open', `the complaint is ${status}`, { status });
