import type { Instant } from '@guanxi/kernel';
import { given as givenOn, metaAt } from '../../../../test/support/given';
import { closeDealWon, correctDeal, loseDeal, reopenDeal } from './closing';
import { dealDecider } from './deal';
import type { DealEvent } from './events';
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
} from './pipeline';
import type { Criterion } from './stages';
import { CRITERIA } from './stages';

const given = givenOn(dealDecider);
const value = { amount: 500_000, currency: 'CNY' };
const owner = '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2e';
const meetingAt = '2026-03-03T08:00:00.000Z' as Instant;
const opened: DealEvent = { type: 'deal-opened.v1', data: { value, owner } };
const scheduled: DealEvent = { type: 'deal-first-meeting-scheduled.v1', data: { meetingAt } };
const held: DealEvent = { type: 'deal-first-meeting-held.v1', data: { agreedToContinue: true } };
const confirmed = (criterion: Criterion): DealEvent => ({
  type: 'deal-criterion-confirmed.v1',
  data: { criterion },
});
const advanced = (from: 'E' | 'D' | 'C' | 'B', to: 'D' | 'C' | 'B' | 'A'): DealEvent => ({
  type: 'deal-advanced.v1',
  data: { from, to },
});
const agreed: DealEvent = { type: 'deal-verbal-agreement-recorded.v1', data: { quote: 'yes' } };
const inPlay = [opened, scheduled, held, advanced('E', 'D'), advanced('D', 'C')];
const qualified = [...inPlay, ...CRITERIA.map(confirmed), advanced('C', 'B')];
const verbalYes = [...qualified, agreed, advanced('B', 'A')];
const won: DealEvent = { type: 'deal-won.v1', data: { from: 'A', evidence: 'first-payment', value } };
const lost: DealEvent = { type: 'deal-lost.v1', data: { from: 'C', reason: 'price' } };

describe('opening a deal', () => {
  it('begins as an opportunity', () => {
    given().when(openDeal({ value, owner })).then(opened);
  });
  it('is refused where a deal was opened before', () => {
    given(opened).when(openDeal({ value })).thenRefuses('deal.exists');
  });
});

describe('advancing a deal', () => {
  it('refuses D until a first meeting is agreed', () => {
    given(opened)
      .when(advanceDeal({ to: 'D' }))
      .thenRefuses('deal.criteria-missing', { missing: ['firstMeetingAgreed'] });
  });
  it('refuses C until the meeting was held and the contact agreed to continue', () => {
    given(opened, scheduled)
      .when(advanceDeal({ to: 'C' }))
      .thenRefuses('deal.criteria-missing', { missing: ['firstMeetingHeld', 'agreedToContinue'] });
    given(opened, scheduled, { type: 'deal-first-meeting-held.v1', data: { agreedToContinue: false } })
      .when(advanceDeal({ to: 'C' }))
      .thenRefuses('deal.criteria-missing', { missing: ['agreedToContinue'] });
  });
  it('refuses B until all five criteria are confirmed', () => {
    given(...inPlay, confirmed('budget'))
      .when(advanceDeal({ to: 'B' }))
      .thenRefuses('deal.criteria-missing', { missing: ['person', 'proposal', 'timetable', 'nextStep'] });
  });
  it('refuses A until there is a verbal agreement', () => {
    given(...qualified)
      .when(advanceDeal({ to: 'A' }))
      .thenRefuses('deal.criteria-missing', { missing: ['verbalAgreement'] });
  });
  it('names every rule of every stage on the way', () => {
    given(opened)
      .when(advanceDeal({ to: 'A' }))
      .thenRefuses('deal.criteria-missing', {
        missing: [
          'firstMeetingAgreed',
          'firstMeetingHeld',
          'agreedToContinue',
          'person',
          'proposal',
          'budget',
          'timetable',
          'nextStep',
          'verbalAgreement',
        ],
      });
  });
  it('takes one step a stage', () => {
    given(opened, scheduled, held)
      .when(advanceDeal({ to: 'C' }))
      .then(advanced('E', 'D'), advanced('D', 'C'));
  });
  it('changes nothing at the stage that it has, and does not go back', () => {
    given(...inPlay)
      .when(advanceDeal({ to: 'C' }))
      .thenNothing();
    given(...inPlay)
      .when(advanceDeal({ to: 'D' }))
      .thenRefuses('deal.not-above', { from: 'C', to: 'D' });
  });
  it('is refused on closed and on unknown deals', () => {
    given(...verbalYes, won)
      .when(advanceDeal({ to: 'A' }))
      .thenRefuses('deal.not-open', { status: 'won' });
    given()
      .when(advanceDeal({ to: 'A' }))
      .thenRefuses('deal.unknown');
  });
});

describe('facts of a deal', () => {
  it('schedules and holds a first meeting once', () => {
    given(opened).when(scheduleFirstMeeting({ meetingAt })).then(scheduled);
    given(opened, scheduled).when(scheduleFirstMeeting({ meetingAt })).thenNothing();
    given(opened, scheduled)
      .when(holdFirstMeeting({ agreedToContinue: true }))
      .then(held);
    given(opened, scheduled, held)
      .when(holdFirstMeeting({ agreedToContinue: true }))
      .thenNothing();
    given(opened)
      .when(holdFirstMeeting({ agreedToContinue: true }))
      .thenRefuses('deal.meeting-not-scheduled');
  });
  it('confirms a timetable with both its dates and a next step with its day', () => {
    given(...inPlay)
      .when(confirmCriterion({ criterion: 'timetable', decisionOn: '2026-04-01' }))
      .thenRefuses('input.invalid');
    given(...inPlay)
      .when(confirmCriterion({ criterion: 'nextStep' }))
      .thenRefuses('input.invalid');
    given(...inPlay)
      .when(confirmCriterion({ criterion: 'nextStep', nextStepOn: '2026-03-09' }))
      .then({
        type: 'deal-criterion-confirmed.v1',
        data: { criterion: 'nextStep', nextStepOn: '2026-03-09' },
      });
    given(...inPlay, confirmed('budget'))
      .when(confirmCriterion({ criterion: 'budget' }))
      .thenNothing();
  });
  it('puts a qualified deal back in play when a criterion is withdrawn', () => {
    const withdrawn: DealEvent = { type: 'deal-criterion-withdrawn.v1', data: { criterion: 'budget' } };
    const back = (from: 'B' | 'A'): DealEvent => ({
      type: 'deal-regressed.v1',
      data: { from, to: 'C', reason: 'criterion withdrawn: budget' },
    });
    given(...qualified)
      .when(withdrawCriterion({ criterion: 'budget' }))
      .then(withdrawn, back('B'));
    given(...verbalYes)
      .when(withdrawCriterion({ criterion: 'budget' }))
      .then(withdrawn, back('A'));
    given(...inPlay, confirmed('budget'))
      .when(withdrawCriterion({ criterion: 'budget' }))
      .then(withdrawn);
    given(...inPlay)
      .when(withdrawCriterion({ criterion: 'budget' }))
      .thenNothing();
  });
  it('regresses downwards alone, with a reason', () => {
    given(...inPlay)
      .when(regressDeal({ to: 'D', reason: 'contact left' }))
      .then({ type: 'deal-regressed.v1', data: { from: 'C', to: 'D', reason: 'contact left' } });
    given(...inPlay)
      .when(regressDeal({ to: 'B', reason: 'x' }))
      .thenRefuses('deal.not-below');
    given(...inPlay)
      .when(regressDeal({ to: 'C', reason: 'x' }))
      .thenNothing();
  });
  it('records a verbal agreement once', () => {
    given(...qualified)
      .when(recordVerbalAgreement({ quote: 'yes' }))
      .then(agreed);
    given(...qualified, agreed)
      .when(recordVerbalAgreement({ quote: 'yes' }))
      .thenNothing();
  });
  it('revises what changed and nothing else, in the currency of its opening', () => {
    given(opened)
      .when(reviseDeal({ value, title: 'New' }))
      .then({ type: 'deal-revised.v1', data: { title: 'New' } });
    given(opened).when(reviseDeal({ value })).thenNothing();
    given(opened)
      .when(reviseDeal({ value: { amount: 1, currency: 'USD' } }))
      .thenRefuses('deal.currency-fixed', { currency: 'CNY', given: 'USD' });
  });
  it('is reviewed and handed over', () => {
    given(opened).when(reviewDeal({})).then({ type: 'deal-reviewed.v1', data: {} });
    given(opened).when(assignDealOwner({ owner })).thenNothing();
  });
});

describe('closing a deal', () => {
  it('is won on evidence with every rule met, taking the stages that are left', () => {
    given(...verbalYes)
      .when(closeDealWon({ evidence: 'first-payment' }))
      .then(won);
    given(...qualified, agreed)
      .when(closeDealWon({ evidence: 'first-payment' }))
      .then(advanced('B', 'A'), won);
    given(...qualified)
      .when(closeDealWon({ evidence: 'in-use' }))
      .thenRefuses('deal.criteria-missing', { to: 'S', missing: ['verbalAgreement'] });
  });
  it('is lost from where it stands, and not twice', () => {
    given(...inPlay)
      .when(loseDeal({ reason: 'price' }))
      .then(lost);
    given(...inPlay, lost)
      .when(loseDeal({ reason: 'price' }))
      .thenRefuses('deal.not-open', { status: 'lost' });
  });
  it('is reopened at the stage that it had', () => {
    given(...inPlay, lost)
      .when(reopenDeal({ reason: 'r' }))
      .then({ type: 'deal-reopened.v1', data: { to: 'C', reason: 'r' } });
    given(...inPlay)
      .when(reopenDeal({ reason: 'r' }))
      .thenRefuses('deal.not-closed');
    given()
      .when(reopenDeal({ reason: 'r' }))
      .thenRefuses('deal.unknown');
  });
});

describe('correcting a deal', () => {
  const meta = metaAt('2026-03-01T12:00:00Z', '2026-03-20T12:00:00Z');
  const openedThen = { ...opened, at: '2026-03-01T00:00:00.000Z' as Instant };
  const lostThen = { ...lost, at: '2026-03-10T00:00:00.000Z' as Instant };
  it('says from which moment on the value was another', () => {
    given(openedThen, lostThen)
      .when(correctDeal({ reason: 'typing error', value: { amount: 1, currency: 'CNY' } }, meta))
      .then({
        type: 'deal-corrected.v1',
        data: {
          value: { amount: 1, currency: 'CNY' },
          stage: undefined,
          expectedCloseOn: undefined,
          reason: 'typing error',
        },
      });
  });
  it('moves an event to the moment at which it happened', () => {
    const to = '2026-03-08T00:00:00.000Z' as Instant;
    given(openedThen, lostThen)
      .when(correctDeal({ reason: 'wrong day', redate: { revision: 1, to } }, meta))
      .then({
        type: 'deal-event-redated.v1',
        at: to,
        data: { redates: { revision: 1, to }, reason: 'wrong day' },
      });
  });
  it("tells the customer of a won deal that it moves, also when the deal is another one's by now", () => {
    const to = '2026-03-08T00:00:00.000Z' as Instant;
    const customerId = '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d';
    const wonThen = { ...won, data: { ...won.data, customerId }, at: lostThen.at } as DealEvent;
    const reopened: DealEvent = { type: 'deal-reopened.v1', data: { to: 'E', reason: 'r' }, at: meta.now };
    const handedOn: DealEvent = { type: 'deal-revised.v1', data: { customerId: owner }, at: meta.now };
    given(openedThen, wonThen, reopened, handedOn)
      .when(correctDeal({ reason: 'r', redate: { revision: 1, to } }, meta))
      .then({
        type: 'deal-event-redated.v1',
        at: to,
        data: { redates: { revision: 1, to }, reason: 'r', customerId },
      });
  });
  it.each<[string, Parameters<typeof correctDeal>[0], string]>([
    ['nothing to correct', { reason: 'r' }, 'input.invalid'],
    ['another currency', { reason: 'r', value: { amount: 1, currency: 'USD' } }, 'deal.currency-fixed'],
    [
      'an event that is not there',
      { reason: 'r', redate: { revision: 9, to: meta.at } },
      'deal.no-such-event',
    ],
    [
      'a moment in the future',
      { reason: 'r', redate: { revision: 1, to: '2026-04-01T00:00:00.000Z' as Instant } },
      'input.invalid',
    ],
    [
      'an event before the opening',
      { reason: 'r', redate: { revision: 1, to: '2026-02-01T00:00:00.000Z' as Instant } },
      'input.invalid',
    ],
    [
      'an opening after the next event',
      { reason: 'r', redate: { revision: 0, to: '2026-03-11T00:00:00.000Z' as Instant } },
      'input.invalid',
    ],
  ])('refuses %s', (_, input, code) => {
    given(openedThen, lostThen).when(correctDeal(input, meta)).thenRefuses(code);
  });
  it('refuses to put a reopening before the loss that it undid', () => {
    const reopenedThen: DealEvent = {
      type: 'deal-reopened.v1',
      data: { to: 'C', reason: 'r' },
      at: '2026-03-12T00:00:00.000Z' as Instant,
    };
    const to = '2026-03-05T00:00:00.000Z' as Instant;
    given(openedThen, lostThen, reopenedThen)
      .when(correctDeal({ reason: 'r', redate: { revision: 2, to } }, meta))
      .thenRefusesField('redate.to', 'keepsOrder');
  });
  it('refuses a moment before the deal was opened', () => {
    given(openedThen)
      .when(correctDeal({ reason: 'r', stage: 'D' }, metaAt('2026-02-01T00:00:00Z', '2026-03-20T12:00:00Z')))
      .thenRefuses('input.invalid');
  });
});
