import type { Decision, Instant, Money } from '@guanxi/kernel';
import { invalidField } from '@guanxi/kernel';
import type { Deal, Line } from './deal';
import type { EntryRule } from './entry-rules';
import type { DealEvent } from './events';
import { advances } from './pipeline';
import { criteriaMissing, dealExists, needed } from './refusals';
import type { Assumable, Evidence, Stage } from './stages';
import { CRITERIA, rank } from './stages';

export interface ImportDealInput {
  readonly stage: Stage | 'won' | 'lost';
  readonly value: Money;
  readonly openedAt: Instant;
  readonly closedAt?: Instant;
  readonly customerId?: string;
  readonly owner?: string;
  readonly title?: string;
  readonly externalRef?: string;
  readonly lines?: readonly Line[];
  readonly expectedCloseOn?: string;
  readonly evidence?: Evidence;
  readonly lossReason?: string;
  readonly competitor?: string;
  /** What the source did not record and the import takes for granted; the events say so. */
  readonly assumed: readonly Assumable[];
}

/**
 * Takes over a deal that was worked elsewhere: the events that its stage calls for, each at its own moment.
 * Entry rules hold here too: what is neither recorded nor assumed by name is missing.
 */
export const importDeal =
  (input: ImportDealInput, { now }: { readonly now: Instant }): Decision<Deal, DealEvent> =>
  (deal) => {
    if (deal.status !== 'unopened') throw dealExists();
    checkMoments(input, now);
    const missing = missingFacts(input);
    if (missing.length > 0) throw criteriaMissing(input.stage === 'won' ? 'S' : input.stage, missing);
    return [...opening(input), ...ending(input)];
  };

function checkMoments({ stage, openedAt, closedAt }: ImportDealInput, now: Instant): void {
  const closed = stage === 'won' || stage === 'lost';
  if (closed && closedAt === undefined) throw needed('closedAt', `a ${stage} deal was closed at some moment`);
  if (!closed && closedAt !== undefined) {
    throw invalidField('closedAt', 'onlyClosed', 'an open deal has no closing moment');
  }
  if (closedAt !== undefined && closedAt < openedAt) {
    throw invalidField('closedAt', 'notBeforeOpening', `must not lie before openedAt ${openedAt}`);
  }
  if ((closedAt ?? openedAt) > now) {
    throw invalidField(closedAt ? 'closedAt' : 'openedAt', 'notInFuture', 'must not lie in the future');
  }
}

/** The stage that the deal had while it was open: a closed one was at least in play if a first meeting is assumed. */
function stageWhileOpen({ stage, assumed }: ImportDealInput): Stage {
  if (stage !== 'won' && stage !== 'lost') return stage;
  return assumed.includes('firstMeeting') ? 'C' : 'E';
}

function missingFacts({
  stage,
  assumed,
  evidence,
  lossReason,
}: ImportDealInput): readonly (EntryRule | 'evidence')[] {
  if (stage === 'lost') {
    if (lossReason === undefined && !assumed.includes('lossReason')) {
      throw needed('lossReason', 'a lost deal was lost for a reason, or the import assumes lossReason');
    }
    return [];
  }
  const reached = stage === 'won' ? rank('A') : rank(stage);
  const missing: (EntryRule | 'evidence')[] = [];
  if (reached >= rank('D') && !assumed.includes('firstMeeting')) missing.push('firstMeetingAgreed');
  if (reached >= rank('C') && !assumed.includes('firstMeeting'))
    missing.push('firstMeetingHeld', 'agreedToContinue');
  if (reached >= rank('B') && !assumed.includes('criteria')) missing.push(...CRITERIA);
  if (reached >= rank('A') && !assumed.includes('verbalAgreement')) missing.push('verbalAgreement');
  if (stage === 'won' && evidence === undefined && !assumed.includes('evidence')) missing.push('evidence');
  return missing;
}

function opening(input: ImportDealInput): DealEvent[] {
  const { value, openedAt, customerId, owner, title, externalRef, lines, expectedCloseOn, assumed } = input;
  const stage = stageWhileOpen(input);
  const opened: DealEvent = {
    type: 'deal-opened.v1',
    data: {
      value,
      ...(customerId ? { customerId } : {}),
      ...(owner ? { owner } : {}),
      ...(title ? { title } : {}),
      ...(externalRef ? { externalRef } : {}),
      ...(lines ? { lines: [...lines] } : {}),
      ...(expectedCloseOn ? { expectedCloseOn } : {}),
      ...(assumed.length > 0 ? { assumed: [...assumed] } : {}),
    },
  };
  return [opened, ...assumedFacts('E', stage, openedAt), ...assumedAdvances('E', stage)].map((event) => ({
    ...event,
    at: openedAt,
  }));
}

function ending(input: ImportDealInput): DealEvent[] {
  const { stage, closedAt, value, evidence, customerId, lossReason, competitor } = input;
  if (closedAt === undefined) return [];
  const from = stageWhileOpen(input);
  const last: DealEvent =
    stage === 'won'
      ? {
          type: 'deal-won.v1',
          data: {
            from: 'A',
            value,
            ...(evidence ? { evidence } : { assumed: true }),
            ...(customerId ? { customerId } : {}),
          },
        }
      : {
          type: 'deal-lost.v1',
          data: {
            from,
            ...(lossReason ? { reason: lossReason } : { assumed: true }),
            ...(competitor ? { competitor } : {}),
          },
        };
  const onTheWay =
    stage === 'won' ? [...assumedFacts(from, 'A', closedAt), ...assumedAdvances(from, 'A')] : [];
  return [...onTheWay, last].map((event) => ({ ...event, at: closedAt }));
}

/** The facts that the entry rules between two stages ask for. */
function assumedFacts(from: Stage, to: Stage, at: Instant): DealEvent[] {
  const passes = (stage: Stage): boolean => rank(from) < rank(stage) && rank(stage) <= rank(to);
  const facts: DealEvent[] = [];
  if (passes('D'))
    facts.push({ type: 'deal-first-meeting-scheduled.v1', data: { meetingAt: at, assumed: true } });
  if (passes('C'))
    facts.push({ type: 'deal-first-meeting-held.v1', data: { agreedToContinue: true, assumed: true } });
  if (passes('B')) {
    facts.push(
      ...CRITERIA.map((criterion): DealEvent => ({
        type: 'deal-criterion-confirmed.v1',
        data: { criterion, assumed: true },
      })),
    );
  }
  if (passes('A')) facts.push({ type: 'deal-verbal-agreement-recorded.v1', data: { assumed: true } });
  return facts;
}

const assumedAdvances = (from: Stage, to: Stage): DealEvent[] =>
  advances(from, to).map((event): DealEvent =>
    event.type === 'deal-advanced.v1' ? { ...event, data: { ...event.data, assumed: true } } : event,
  );
