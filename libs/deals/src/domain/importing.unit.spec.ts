import type { Instant } from '@guanxi/kernel';
import { given as givenOn, metaAt, stateAfter } from '../../../../test/support/given';
import { dealDecider } from './deal';
import { entryRulesNotMet } from './entry-rules';
import type { ImportDealInput } from './importing';
import { importDeal } from './importing';
import { ASSUMABLE, STAGES } from './stages';

const given = givenOn(dealDecider);
const meta = metaAt('2026-03-20T00:00:00Z');
const openedAt = '2026-01-05T00:00:00.000Z' as Instant;
const closedAt = '2026-02-20T00:00:00.000Z' as Instant;
const input: ImportDealInput = {
  stage: 'won',
  value: { amount: 100, currency: 'USD' },
  openedAt,
  closedAt,
  assumed: ['firstMeeting', 'criteria', 'verbalAgreement', 'evidence'],
};

describe('importing a deal', () => {
  it('leads a won deal through every stage, assumed facts marked, each event at its moment', () => {
    const events = importDeal(input, meta)(dealDecider.initial);
    expect(events.map(({ type, at }) => `${type} ${at?.slice(0, 10)}`)).toEqual([
      'deal-opened.v1 2026-01-05',
      'deal-first-meeting-scheduled.v1 2026-01-05',
      'deal-first-meeting-held.v1 2026-01-05',
      'deal-advanced.v1 2026-01-05',
      'deal-advanced.v1 2026-01-05',
      ...Array.from({ length: 5 }, () => 'deal-criterion-confirmed.v1 2026-02-20'),
      'deal-verbal-agreement-recorded.v1 2026-02-20',
      'deal-advanced.v1 2026-02-20',
      'deal-advanced.v1 2026-02-20',
      'deal-won.v1 2026-02-20',
    ]);
    expect(events.slice(1).every(({ data }) => 'assumed' in data)).toBe(true);
  });

  it.each(STAGES)('leaves a deal at %s with every entry rule of that stage met', (stage) => {
    const { closedAt: _, ...open } = input;
    const deal = stateAfter(dealDecider, importDeal({ ...open, stage }, meta)(dealDecider.initial));
    expect(deal).toMatchObject({ status: 'open', stage });
    expect(entryRulesNotMet(deal, stage)).toEqual([]);
  });

  it('refuses a stage whose rules are neither recorded nor assumed, naming each', () => {
    given()
      .when(importDeal({ ...input, assumed: ['firstMeeting'] }, meta))
      .thenRefuses('deal.criteria-missing', {
        to: 'S',
        missing: ['person', 'proposal', 'budget', 'timetable', 'nextStep', 'verbalAgreement', 'evidence'],
      });
    given()
      .when(importDeal({ ...input, closedAt: undefined, stage: 'C', assumed: [] }, meta))
      .thenRefuses('deal.criteria-missing', {
        missing: ['firstMeetingAgreed', 'firstMeetingHeld', 'agreedToContinue'],
      });
  });

  it.each<[string, Partial<ImportDealInput>]>([
    ['a won deal without a closing moment', { closedAt: undefined }],
    ['an open deal with one', { stage: 'C' }],
    ['a closing before the opening', { closedAt: '2026-01-01T00:00:00.000Z' as Instant }],
    ['a moment in the future', { closedAt: '2026-03-21T00:00:00.000Z' as Instant }],
    [
      'a lost deal without a reason',
      { stage: 'lost', assumed: [...ASSUMABLE].filter((fact) => fact !== 'lossReason') },
    ],
  ])('refuses %s', (_, change) => {
    given()
      .when(importDeal({ ...input, ...change }, meta))
      .thenRefuses('input.invalid');
  });

  it('refuses a deal that is there', () => {
    given({ type: 'deal-opened.v1', data: { value: input.value } })
      .when(importDeal(input, meta))
      .thenRefuses('deal.exists');
  });
});
