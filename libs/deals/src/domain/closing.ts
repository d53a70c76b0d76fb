import type { CommandMeta, Decision, Instant, Money } from '@guanxi/kernel';
import { conflict, invalidField } from '@guanxi/kernel';
import type { Deal } from './deal';
import { entryRulesNotMet } from './entry-rules';
import type { DealEvent } from './events';
import { advances, requireCurrency, requireOpen } from './pipeline';
import { criteriaMissing, dealNotClosed, dealUnknown } from './refusals';
import type { Evidence, Stage } from './stages';

type DealDecision = Decision<Deal, DealEvent>;

export interface CloseDealWonInput {
  readonly evidence: Evidence;
  /** What was really agreed; the deal's present value when left out. */
  readonly value?: Money;
}

/** Closed on evidence, and only with every entry rule of every stage met; stages not yet taken are taken on the way. */
export const closeDealWon =
  ({ evidence, value }: CloseDealWonInput): DealDecision =>
  (deal) => {
    requireOpen(deal);
    requireCurrency(deal, value);
    const missing = entryRulesNotMet(deal, 'A');
    if (missing.length > 0) throw criteriaMissing('S', missing);
    const { customerId } = deal;
    return [
      ...advances(deal.stage, 'A'),
      {
        type: 'deal-won.v1',
        data: { from: 'A', evidence, value: value ?? deal.value, ...(customerId ? { customerId } : {}) },
      },
    ];
  };

export interface LoseDealInput {
  readonly reason: string;
  readonly competitor?: string;
  readonly priceGap?: Money;
}

export const loseDeal =
  (input: LoseDealInput): DealDecision =>
  (deal) => {
    requireOpen(deal);
    requireCurrency(deal, input.priceGap);
    return [{ type: 'deal-lost.v1', data: { from: deal.stage, ...input } }];
  };

/** Back to the stage at which the deal was closed: what was confirmed then still stands. */
export const reopenDeal =
  ({ reason }: { readonly reason: string }): DealDecision =>
  (deal) => {
    if (deal.status === 'unopened') throw dealUnknown();
    if (deal.status === 'open') throw dealNotClosed(deal);
    return [{ type: 'deal-reopened.v1', data: { to: deal.stage, reason } }];
  };

export interface CorrectDealInput {
  readonly reason: string;
  /** Holds from the command's occurredAt on, until the next event that sets it. */
  readonly value?: Money;
  readonly stage?: Stage;
  readonly expectedCloseOn?: string;
  /** Moves one event of the deal, named by its revision, to the moment at which it really happened. */
  readonly redate?: { readonly revision: number; readonly to: Instant };
}

/** Says what was true in the past. History keeps what was believed before; only what is asked from now on changes. */
export const correctDeal =
  (input: CorrectDealInput, { at, now }: Pick<CommandMeta, 'at' | 'now'>): DealDecision =>
  (deal) => {
    if (deal.status === 'unopened') throw dealUnknown();
    const { value, stage, expectedCloseOn, redate, reason } = input;
    if (value === undefined && stage === undefined && expectedCloseOn === undefined && redate === undefined) {
      throw invalidField('value', 'required', 'a correction names value, stage, expectedCloseOn or redate');
    }
    requireCurrency(deal, value);
    const events: DealEvent[] = [];
    if (value !== undefined || stage !== undefined || expectedCloseOn !== undefined) {
      requireNotBefore(deal, at, 'occurredAt');
      events.push({ type: 'deal-corrected.v1', data: { value, stage, expectedCloseOn, reason } });
    }
    if (redate) {
      requireRedatable(deal, redate, now);
      const moved = deal.moments.find(({ revision }) => revision === redate.revision);
      const customerId = moved?.customerId ?? deal.customerId;
      const data = { redates: redate, reason, ...(customerId ? { customerId } : {}) };
      events.push({ type: 'deal-event-redated.v1', at: redate.to, data });
    }
    return events;
  };

/** True when a deal would be closed twice or reopened while it is open. */
function reordersTurns({ moments }: Deal, revision: number, to: Instant): boolean {
  const turns = moments.filter(({ turn }) => turn);
  const moved = turns.map((turn) => (turn.revision === revision ? { ...turn, at: to } : turn));
  moved.sort((a, b) => (a.at === b.at ? a.revision - b.revision : a.at < b.at ? -1 : 1));
  return moved.some((turn, index) => turn.revision !== turns[index]?.revision);
}

function requireNotBefore(deal: Deal, at: Instant, field: string): void {
  const opened = deal.moments.find(({ revision }) => revision === 0)?.at;
  if (opened !== undefined && at < opened) {
    throw invalidField(
      field,
      'notBeforeOpening',
      `the deal was opened at ${opened}; nothing was true of it before`,
    );
  }
}

function requireRedatable(
  deal: Deal,
  { revision, to }: { revision: number; to: Instant },
  now: Instant,
): void {
  if (!deal.moments.some((moment) => moment.revision === revision)) {
    throw conflict('deal.no-such-event', `the deal has no event ${revision} that happened at a moment`, {
      revision,
    });
  }
  if (to > now) throw invalidField('redate.to', 'notInFuture', 'an event cannot be moved into the future');
  if (reordersTurns(deal, revision, to)) {
    throw invalidField('redate.to', 'keepsOrder', 'opening, closings and reopenings must keep their order');
  }
  if (revision > 0) {
    requireNotBefore(deal, to, 'redate.to');
    return;
  }
  const next = deal.moments.find((moment) => moment.revision !== 0)?.at;
  if (next !== undefined && to > next) {
    throw invalidField(
      'redate.to',
      'notAfterNext',
      `the opening cannot come after the deal's next event at ${next}`,
    );
  }
}
