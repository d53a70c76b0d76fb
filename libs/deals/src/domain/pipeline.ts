import type { Decision, Instant, Money } from '@guanxi/kernel';
import type { Deal, Line } from './deal';
import { entryRulesNotMet } from './entry-rules';
import type { DealEvent } from './events';
import {
  criteriaMissing,
  currencyFixed,
  dealExists,
  dealNotOpen,
  dealUnknown,
  meetingNotHeld,
  needed,
  notAbove,
  notBelow,
} from './refusals';
import type { Criterion, Stage } from './stages';
import { rank, stagesBetween } from './stages';

type DealDecision = Decision<Deal, DealEvent>;

/** A deal that may still be worked on. @throws DomainError `deal.unknown`, `deal.not-open` */
export function requireOpen(deal: Deal): void {
  if (deal.status === 'unopened') throw dealUnknown();
  if (deal.status !== 'open') throw dealNotOpen(deal);
}

export interface OpenDealInput {
  readonly value: Money;
  readonly customerId?: string;
  readonly owner?: string;
  readonly title?: string;
  readonly externalRef?: string;
  readonly lines?: readonly Line[];
  readonly expectedCloseOn?: string;
}

/** Every deal begins as an opportunity, whatever was hoped. */
export const openDeal =
  (input: OpenDealInput): DealDecision =>
  (deal) => {
    if (deal.status !== 'unopened') throw dealExists();
    const { lines, ...rest } = input;
    return [{ type: 'deal-opened.v1', data: { ...rest, ...(lines ? { lines: [...lines] } : {}) } }];
  };

export const scheduleFirstMeeting =
  ({ meetingAt }: { readonly meetingAt: Instant }): DealDecision =>
  (deal) => {
    requireOpen(deal);
    if (deal.firstMeetingAt === meetingAt) return [];
    return [{ type: 'deal-first-meeting-scheduled.v1', data: { meetingAt } }];
  };

export const holdFirstMeeting =
  ({
    agreedToContinue,
    note,
  }: {
    readonly agreedToContinue: boolean;
    readonly note?: string;
  }): DealDecision =>
  (deal) => {
    requireOpen(deal);
    if (deal.firstMeetingAt === undefined) throw meetingNotHeld();
    if (deal.firstMeetingHeld && deal.agreedToContinue === agreedToContinue) return [];
    return [{ type: 'deal-first-meeting-held.v1', data: { agreedToContinue, ...(note ? { note } : {}) } }];
  };

export interface ConfirmCriterionInput {
  readonly criterion: Criterion;
  readonly note?: string;
  /** When the customer decides and when it is to start; both are the timetable. */
  readonly decisionOn?: string;
  readonly startOn?: string;
  /** The day of the agreed next step. */
  readonly nextStepOn?: string;
}

export const confirmCriterion =
  (input: ConfirmCriterionInput): DealDecision =>
  (deal) => {
    requireOpen(deal);
    if (input.criterion === 'timetable' && !(input.decisionOn && input.startOn)) {
      throw needed(
        input.decisionOn ? 'startOn' : 'decisionOn',
        'a timetable is a decision date and a start date',
      );
    }
    if (input.criterion === 'nextStep' && !input.nextStepOn) {
      throw needed('nextStepOn', 'a next step counts when its day is agreed');
    }
    if (deal.criteria.includes(input.criterion)) return [];
    return [{ type: 'deal-criterion-confirmed.v1', data: { ...input } }];
  };

/** A qualified deal that loses a criterion is in play again, in the same decision. */
export const withdrawCriterion =
  ({ criterion, note }: { readonly criterion: Criterion; readonly note?: string }): DealDecision =>
  (deal) => {
    requireOpen(deal);
    if (!deal.criteria.includes(criterion)) return [];
    const withdrawn: DealEvent = {
      type: 'deal-criterion-withdrawn.v1',
      data: { criterion, ...(note ? { note } : {}) },
    };
    if (rank(deal.stage) < rank('B')) return [withdrawn];
    const reason = `criterion withdrawn: ${criterion}`;
    return [withdrawn, { type: 'deal-regressed.v1', data: { from: deal.stage, to: 'C', reason } }];
  };

/** One step a stage, so that no stage is ever passed unseen. */
export const advanceDeal =
  ({ to }: { readonly to: Stage }): DealDecision =>
  (deal) => {
    requireOpen(deal);
    if (deal.stage === to) return [];
    if (rank(to) < rank(deal.stage)) throw notAbove(deal.stage, to);
    const missing = entryRulesNotMet(deal, to);
    if (missing.length > 0) throw criteriaMissing(to, missing);
    return advances(deal.stage, to);
  };

/** The events that lead from one stage to a higher one. */
export function advances(from: Stage, to: Stage): DealEvent[] {
  let stage = from;
  return stagesBetween(from, to).map((next): DealEvent => {
    const step: DealEvent = { type: 'deal-advanced.v1', data: { from: stage, to: next } };
    stage = next;
    return step;
  });
}

export const regressDeal =
  ({ to, reason }: { readonly to: Stage; readonly reason: string }): DealDecision =>
  (deal) => {
    requireOpen(deal);
    if (deal.stage === to) return [];
    if (rank(to) > rank(deal.stage)) throw notBelow(deal.stage, to);
    return [{ type: 'deal-regressed.v1', data: { from: deal.stage, to, reason } }];
  };

export const recordVerbalAgreement =
  ({ quote }: { readonly quote: string }): DealDecision =>
  (deal) => {
    requireOpen(deal);
    if (deal.verbalAgreement) return [];
    return [{ type: 'deal-verbal-agreement-recorded.v1', data: { quote } }];
  };

export interface ReviseDealInput {
  readonly value?: Money;
  readonly expectedCloseOn?: string;
  readonly lines?: readonly Line[];
  readonly title?: string;
  readonly customerId?: string;
}

const REVISABLE = ['value', 'expectedCloseOn', 'lines', 'title', 'customerId'] as const;

export const reviseDeal =
  (input: ReviseDealInput): DealDecision =>
  (deal) => {
    requireOpen(deal);
    requireCurrency(deal, input.value);
    const changed = REVISABLE.filter(
      (field) => input[field] !== undefined && JSON.stringify(input[field]) !== JSON.stringify(deal[field]),
    ).map((field) => [field, input[field]] as const);
    if (changed.length === 0) return [];
    return [{ type: 'deal-revised.v1', data: Object.fromEntries(changed) }];
  };

/** The currency of a deal is fixed at its opening. @throws DomainError `deal.currency-fixed` */
export function requireCurrency(deal: Deal, value: Money | undefined): void {
  if (value && value.currency !== deal.value.currency)
    throw currencyFixed(deal.value.currency, value.currency);
}

export const reviewDeal =
  ({ note }: { readonly note?: string }): DealDecision =>
  (deal) => {
    requireOpen(deal);
    return [{ type: 'deal-reviewed.v1', data: note ? { note } : {} }];
  };

export const assignDealOwner =
  ({ owner, reason }: { readonly owner: string; readonly reason?: string }): DealDecision =>
  (deal) => {
    if (deal.status === 'unopened') throw dealUnknown();
    if (deal.owner === owner) return [];
    return [{ type: 'deal-owner-assigned.v1', data: { owner, ...(reason ? { reason } : {}) } }];
  };
