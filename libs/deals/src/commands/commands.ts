import { commandsOn, referencesTo } from '@guanxi/commanding';
import { parseInstant } from '@guanxi/kernel';
import type { CommandSpec, Reference } from '@guanxi/commanding';
import { closeDealWon, correctDeal, loseDeal, reopenDeal } from '../domain/closing';
import { dealDecider } from '../domain/deal';
import type { Line } from '../domain/deal';
import { importDeal } from '../domain/importing';
import {
  advanceDeal,
  assignDealOwner,
  confirmCriterion,
  holdFirstMeeting,
  openDeal,
  recordVerbalAgreement,
  regressDeal,
  reviewDeal,
  reviseDeal,
  scheduleFirstMeeting,
  withdrawCriterion,
} from '../domain/pipeline';
import * as inputs from './inputs';

const deal = commandsOn({ collection: 'deals', category: 'deal', decider: dealDecider });
const imported = commandsOn({ collection: 'imported-deals', category: 'deal', decider: dealDecider });

const ids = {
  customer: '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d',
  seller: '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2e',
  product: '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2f',
} as const;
const value = { amount: 1_250_000, currency: 'CNY' } as const;

function references(input: {
  customerId?: string;
  owner?: string;
  lines?: readonly Line[];
}): readonly Reference[] {
  const products = (input.lines ?? []).map(
    ({ productId }, index) => [`lines.${index}.productId`, productId] as const,
  );
  return [
    ...referencesTo('customer', { customerId: input.customerId }),
    ...referencesTo('seller', { owner: input.owner }),
    ...referencesTo('product', Object.fromEntries(products)),
  ];
}

/** All commands on deals. */
export const dealCommands: readonly CommandSpec[] = [
  deal('OpenDeal', inputs.OpenDealInput, openDeal, {
    summary: 'Opens a deal as an opportunity (stage E)',
    example: {
      value,
      customerId: ids.customer,
      owner: ids.seller,
      title: 'Fleet renewal',
      expectedCloseOn: '2026-12-01',
    },
    references,
  }),
  deal('ScheduleFirstMeeting', inputs.ScheduleFirstMeetingInput, scheduleFirstMeeting, {
    verb: 'schedule-first-meeting',
    summary: 'Notes that a first meeting is agreed, with its date (rule of stage D)',
    example: { meetingAt: parseInstant('2026-03-01T01:30:00.000Z') },
  }),
  deal('HoldFirstMeeting', inputs.HoldFirstMeetingInput, holdFirstMeeting, {
    verb: 'hold-first-meeting',
    summary:
      'Notes that the first meeting took place and whether the contact agreed to continue (rules of stage C)',
    example: { agreedToContinue: true },
  }),
  deal('ConfirmCriterion', inputs.ConfirmCriterionInput, confirmCriterion, {
    verb: 'confirm-criterion',
    summary: 'Confirms one of the five criteria of stage B',
    example: { criterion: 'budget', note: 'Confirmed by the head of finance' },
  }),
  deal('WithdrawCriterion', inputs.WithdrawCriterionInput, withdrawCriterion, {
    verb: 'withdraw-criterion',
    summary: 'Withdraws a criterion; a deal at B or A goes back to C',
    example: { criterion: 'timetable', note: 'Start moved to an unknown date' },
  }),
  deal('AdvanceDeal', inputs.AdvanceDealInput, advanceDeal, {
    verb: 'advance',
    summary: 'Moves a deal to a higher stage, if every entry rule is met',
    example: { to: 'C' },
  }),
  deal('RegressDeal', inputs.RegressDealInput, regressDeal, {
    verb: 'regress',
    summary: 'Moves a deal back to a lower stage',
    example: { to: 'D', reason: 'The contact left; meeting to be repeated' },
  }),
  deal('RecordVerbalAgreement', inputs.RecordVerbalAgreementInput, recordVerbalAgreement, {
    verb: 'record-verbal-agreement',
    summary: 'Records an explicit verbal yes, quoted (rule of stage A)',
    example: { quote: 'We will sign next week.' },
  }),
  deal('CloseDealWon', inputs.CloseDealWonInput, closeDealWon, {
    verb: 'close-won',
    summary: 'Closes a deal as won, on evidence',
    example: { evidence: 'first-payment', value },
  }),
  deal('LoseDeal', inputs.LoseDealInput, loseDeal, {
    verb: 'lose',
    summary: 'Closes a deal as lost, with the reason',
    example: {
      reason: 'price',
      competitor: 'Another supplier',
      priceGap: { amount: 90_000, currency: 'CNY' },
    },
  }),
  deal('ReopenDeal', inputs.ReopenDealInput, reopenDeal, {
    verb: 'reopen',
    summary: 'Opens a closed deal again at the stage it had',
    example: { reason: 'The competitor could not deliver' },
  }),
  deal('ReviseDeal', inputs.ReviseDealInput, reviseDeal, {
    verb: 'revise',
    summary: 'Changes value, expected close date, lines, title or customer of an open deal',
    example: { value, expectedCloseOn: '2026-12-15' },
    references,
  }),
  deal('ReviewDeal', inputs.ReviewDealInput, reviewDeal, {
    verb: 'review',
    summary: 'Notes that an open deal was reviewed (due every 7 days)',
    example: { note: 'Next step stands' },
  }),
  deal('AssignDealOwner', inputs.AssignDealOwnerInput, assignDealOwner, {
    verb: 'assign-owner',
    summary: 'Hands a deal to another seller',
    example: { owner: ids.seller, reason: 'New territory' },
    references,
  }),
  deal('CorrectDeal', inputs.CorrectDealInput, correctDeal, {
    verb: 'correct',
    summary: 'Corrects value, stage or expected date as of occurredAt, or the moment of one of its events',
    example: { reason: 'Typing error in the offer', value },
    mayPredate: true,
  }),
  imported('ImportDeal', inputs.ImportDealInput, importDeal, {
    summary:
      'Takes over a deal that was worked elsewhere, with what its source did not record assumed by name',
    example: {
      stage: 'won',
      value,
      openedAt: parseInstant('2026-01-05T00:00:00.000Z'),
      closedAt: parseInstant('2026-02-20T00:00:00.000Z'),
      customerId: ids.customer,
      owner: ids.seller,
      lines: [{ productId: ids.product, quantity: 1 }],
      externalRef: 'OPP-1001',
      assumed: ['firstMeeting', 'criteria', 'verbalAgreement', 'evidence'],
    },
    mayPredate: true,
    references,
  }),
];
