import type { Decider, Happened, Instant, Money } from '@guanxi/kernel';
import type { DealEvent } from './events';
import type { Criterion, Stage } from './stages';

/** A deal line as events carry it. */
export interface Line {
  readonly productId: string;
  readonly quantity?: number;
  readonly value?: number;
}

/** What is known of a deal: all that its decisions need. */
export interface Deal {
  readonly status: 'unopened' | 'open' | 'won' | 'lost';
  /** Stage of an open deal; the last one it had when it is won or lost. */
  readonly stage: Stage;
  readonly value: Money;
  readonly customerId?: string;
  readonly owner?: string;
  readonly title?: string;
  readonly lines: readonly Line[];
  readonly expectedCloseOn?: string;
  readonly firstMeetingAt?: Instant;
  readonly firstMeetingHeld: boolean;
  readonly agreedToContinue: boolean;
  readonly criteria: readonly Criterion[];
  readonly verbalAgreement: boolean;
  /** Which event of the stream happened when, in the order of time. */
  readonly moments: readonly DealMoment[];
}

/** When an event of a deal happened. */
export interface DealMoment {
  readonly revision: number;
  readonly at: Instant;
  /** It opens or closes the deal. */
  readonly turn: boolean;
  /** Whose file it speaks in, also when the deal is another customer's by now: a won deal made a customer. */
  readonly customerId?: string;
}

const unopened: Deal = {
  status: 'unopened',
  stage: 'E',
  value: { amount: 0, currency: 'XXX' },
  lines: [],
  firstMeetingHeld: false,
  agreedToContinue: false,
  criteria: [],
  verbalAgreement: false,
  moments: [],
};

const TURNS: ReadonlySet<DealEvent['type']> = new Set([
  'deal-opened.v1',
  'deal-won.v1',
  'deal-lost.v1',
  'deal-reopened.v1',
] as const);

export const dealDecider: Decider<Deal, DealEvent> = {
  initial: unopened,
  evolve: (deal, event) => ({ ...evolve(deal, event), moments: [...deal.moments, momentOf(event)] }),
};

function momentOf(event: Happened<DealEvent>): DealMoment {
  const { type, revision, at } = event;
  const moment = { revision, at, turn: TURNS.has(type) };
  const customerId = type === 'deal-won.v1' ? event.data.customerId : undefined;
  return customerId === undefined ? moment : { ...moment, customerId };
}

function evolve(deal: Deal, event: Happened<DealEvent>): Deal {
  switch (event.type) {
    case 'deal-opened.v1': {
      const { value, lines = [], customerId, owner, title, expectedCloseOn } = event.data;
      return { ...deal, status: 'open', stage: 'E', value, lines, customerId, owner, title, expectedCloseOn };
    }
    case 'deal-first-meeting-scheduled.v1':
      return { ...deal, firstMeetingAt: event.data.meetingAt };
    case 'deal-first-meeting-held.v1':
      return { ...deal, firstMeetingHeld: true, agreedToContinue: event.data.agreedToContinue };
    case 'deal-criterion-confirmed.v1':
      return { ...deal, criteria: [...without(deal, event.data.criterion), event.data.criterion] };
    case 'deal-criterion-withdrawn.v1':
      return { ...deal, criteria: without(deal, event.data.criterion) };
    case 'deal-advanced.v1':
    case 'deal-regressed.v1':
      return { ...deal, stage: event.data.to };
    case 'deal-verbal-agreement-recorded.v1':
      return { ...deal, verbalAgreement: true };
    case 'deal-won.v1':
      return {
        ...deal,
        status: 'won',
        value: event.data.value,
        customerId: event.data.customerId ?? deal.customerId,
      };
    case 'deal-lost.v1':
      return { ...deal, status: 'lost' };
    case 'deal-reopened.v1':
      return { ...deal, status: 'open', stage: event.data.to };
    case 'deal-revised.v1':
      return { ...deal, ...event.data };
    case 'deal-owner-assigned.v1':
      return { ...deal, owner: event.data.owner };
    case 'deal-corrected.v1': {
      const { value = deal.value, stage = deal.stage, expectedCloseOn = deal.expectedCloseOn } = event.data;
      return { ...deal, value, stage, expectedCloseOn };
    }
    case 'deal-reviewed.v1':
    case 'deal-event-redated.v1':
      return deal;
  }
}

const without = (deal: Deal, criterion: Criterion): readonly Criterion[] =>
  deal.criteria.filter((confirmed) => confirmed !== criterion);
