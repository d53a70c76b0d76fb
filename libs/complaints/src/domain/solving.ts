import type { CommandMeta, Money } from '@guanxi/kernel';
import { invalidField } from '@guanxi/kernel';
import type { ComplaintDecision } from './complaint';
import type { DataOf } from './events';
import { present, saidBefore } from './fields';
import { complaintUnknown, requireOpen, requireSteps, requireUnfinished } from './order';

export interface ProposeSolutionInput {
  readonly regret: string;
  readonly correction: string;
  readonly redress?: { readonly text?: string; readonly amount?: Money };
  readonly remedy: string;
}

/** The four R: regret, correction, redress, and the remedy that keeps it from happening again. */
export const proposeSolution =
  (input: ProposeSolutionInput): ComplaintDecision =>
  (complaint) => {
    const redress = input.redress && present({ ...input.redress });
    if (redress && Object.keys(redress).length === 0) {
      throw invalidField('redress', 'notEmpty', 'redress names a text, an amount, or both');
    }
    const data = present({ ...input, redress });
    if (saidBefore(complaint.proposal, data)) return [];
    requireOpen(complaint);
    requireSteps(complaint, 'acknowledged');
    return [{ type: 'complaint-solution-proposed.v1', data }];
  };

/** The customer takes the proposal or refuses it; until it is resolved an answer may be changed. */
export const answerProposal =
  (input: { readonly accepted: boolean; readonly reason?: string }): ComplaintDecision =>
  (complaint) => {
    const data = present({ ...input });
    if (saidBefore(complaint.answer, data)) return [];
    requireOpen(complaint);
    requireSteps(complaint, 'proposed');
    return [{ type: 'complaint-proposal-answered.v1', data }];
  };

export type ResolveComplaintInput = Omit<DataOf<'complaint-resolved.v1'>, 'assumed'> & {
  readonly resolution: string;
  readonly assumed?: 'resolvedAt'[];
};

/** What was proposed is done. */
export const resolveComplaint =
  (input: ResolveComplaintInput): ComplaintDecision =>
  (complaint) => {
    const data = present({ ...input });
    if (saidBefore(complaint.resolution, data)) return [];
    requireOpen(complaint);
    requireSteps(complaint, 'proposal-not-refused');
    return [{ type: 'complaint-resolved.v1', data }];
  };

/** The return visit, or an attempt at one; an attempt at the same moment is the same attempt. */
export const followUpComplaint =
  (
    input: Omit<DataOf<'complaint-followed-up.v1'>, 'assumed'>,
    { at }: Pick<CommandMeta, 'at'>,
  ): ComplaintDecision =>
  (complaint) => {
    const data = present({ ...input });
    if (data.reached && data.satisfied === undefined) {
      throw invalidField('satisfied', 'required', 'a customer who was reached is satisfied or not');
    }
    if (!data.reached && (data.satisfied ?? data.wouldBuyAgain) !== undefined) {
      throw invalidField(
        'reached',
        'needsReached',
        'only a customer who was reached can have said something',
      );
    }
    const sameAttempt = data.reached || complaint.followUpAt === at;
    if (sameAttempt && saidBefore(complaint.followUp, data)) return [];
    requireUnfinished(complaint);
    requireSteps(complaint, 'resolved');
    return [{ type: 'complaint-followed-up.v1', data }];
  };

/** The matter was not settled after all: it is open again, and needs a new proposal. */
export const reopenComplaint =
  ({ reason }: { readonly reason: string }): ComplaintDecision =>
  (complaint) => {
    if (complaint.status === 'acknowledged' && complaint.reopenReason === reason) return [];
    if (complaint.status !== 'closed') {
      requireUnfinished(complaint);
      requireSteps(complaint, 'resolved');
    }
    return [{ type: 'complaint-reopened.v1', data: { reason } }];
  };

export const closeComplaint =
  (input: { readonly note?: string }): ComplaintDecision =>
  (complaint) => {
    if (complaint.status === 'none') throw complaintUnknown();
    if (complaint.status === 'closed') return [];
    requireUnfinished(complaint);
    requireSteps(complaint, 'followed-up');
    return [{ type: 'complaint-closed.v1', data: present({ ...input }) }];
  };
