import { conflict, invalidField } from '@guanxi/kernel';
import type { Complaint, ComplaintDecision } from './complaint';
import type { DataOf } from './events';
import { present, saidBefore } from './fields';
import { complaintUnknown, requireOpen, requireUnfinished } from './order';
import type { Level } from './vocabulary';
import { DEFAULT_SEVERITY, LEVELS } from './vocabulary';

type Filed = DataOf<'complaint-filed.v1'>;

export type FileComplaintInput = Omit<Filed, 'severity' | 'anonymous' | 'assumed'> & {
  readonly severity?: Filed['severity'];
  readonly anonymous?: boolean;
};

/** Takes a complaint in: of a customer, or of somebody who does not want to be named. */
export const fileComplaint =
  (input: FileComplaintInput): ComplaintDecision =>
  (complaint) => {
    const { anonymous, ...fields } = present(input);
    if (anonymous && fields.customerId !== undefined) {
      throw invalidField('anonymous', 'notWithCustomer', 'an anonymous complaint names no customer');
    }
    if (!anonymous && fields.customerId === undefined) {
      throw invalidField(
        'customerId',
        'required',
        'name the customer, or say that the complaint is anonymous',
      );
    }
    const filed: Filed = {
      ...fields,
      severity: fields.severity ?? DEFAULT_SEVERITY,
      ...(anonymous ? { anonymous: true } : {}),
    };
    return filing(complaint, filed);
  };

/** @throws DomainError `complaint.exists` when this id holds another complaint */
export function filing({ filed: before }: Complaint, filed: Filed): ReturnType<ComplaintDecision> {
  if (before === undefined) return [{ type: 'complaint-filed.v1', data: filed }];
  if (saidBefore(before, filed)) return [];
  throw conflict('complaint.exists', 'a complaint with this id was filed before');
}

/** The first answer: the customer knows that we know. */
export const acknowledgeComplaint =
  (input: Omit<DataOf<'complaint-acknowledged.v1'>, 'assumed'>): ComplaintDecision =>
  (complaint) => {
    const data = present({ ...input });
    if (saidBefore(complaint.acknowledgement, data)) return [];
    requireOpen(complaint);
    if (complaint.acknowledgement) {
      throw conflict('complaint.acknowledged', 'the complaint was acknowledged before, in other words');
    }
    return [{ type: 'complaint-acknowledged.v1', data }];
  };

/** The three W: what is known, when it happened, what was done about it. */
export const recordFinding =
  (input: DataOf<'complaint-finding-recorded.v1'>): ComplaintDecision =>
  (complaint) => {
    const data = present({ ...input });
    if (saidBefore(complaint.finding, data)) return [];
    requireUnfinished(complaint);
    return [{ type: 'complaint-finding-recorded.v1', data }];
  };

export const assignComplaint =
  ({ owner }: { readonly owner: string }): ComplaintDecision =>
  (complaint) => {
    if (complaint.owner === owner) return [];
    requireUnfinished(complaint);
    return [{ type: 'complaint-assigned.v1', data: { owner } }];
  };

export interface EscalateComplaintInput {
  /** The next level up where not said. */
  readonly to?: Level;
  readonly reason: string;
}

/**
 * Hands a complaint up, one level at a time.
 * @throws DomainError `complaint.highest-level`, `complaint.level-order`
 */
export const escalateComplaint =
  ({ to, reason }: EscalateComplaintInput): ComplaintDecision =>
  (complaint) => {
    const { level } = complaint;
    requireOpen(complaint);
    if (to === level) return [];
    const next = LEVELS[LEVELS.indexOf(level) + 1];
    if (next === undefined && !to) {
      throw conflict('complaint.highest-level', 'the complaint is with senior management already', { level });
    }
    if (next === undefined || (to && to !== next)) {
      throw conflict('complaint.level-order', `from ${level} a complaint goes up one level at a time`, {
        level,
        ...present({ to, next }),
      });
    }
    return [{ type: 'complaint-escalated.v1', data: { from: level, to: next, reason } }];
  };

/** The customer takes the complaint back; what is resolved cannot be taken back any more. */
export const withdrawComplaint =
  (input: { readonly reason?: string }): ComplaintDecision =>
  (complaint) => {
    if (complaint.status === 'none') throw complaintUnknown();
    if (complaint.status === 'withdrawn') return [];
    requireOpen(complaint);
    return [{ type: 'complaint-withdrawn.v1', data: present({ ...input }) }];
  };
