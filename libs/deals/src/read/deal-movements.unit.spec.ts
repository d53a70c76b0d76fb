import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { DomainError, plusMilliseconds } from '@guanxi/kernel';
import { foldTimeline, versionsOf } from '@guanxi/projections';
import type { PlacedMovement } from '@guanxi/projections';
import fc from 'fast-check';
import { metaAt, stateAfter } from '../../../../test/support/given';
import { closeDealWon, correctDeal, loseDeal, reopenDeal } from '../domain/closing';
import { dealDecider } from '../domain/deal';
import type { DealEvent } from '../domain/events';
import {
  advanceDeal,
  assignDealOwner,
  confirmCriterion,
  holdFirstMeeting,
  openDeal,
  recordVerbalAgreement,
  regressDeal,
  reviseDeal,
  scheduleFirstMeeting,
  withdrawCriterion,
} from '../domain/pipeline';
import { CRITERIA, STAGES } from '../domain/stages';
import type { DealMovement } from './deal-movements';
import type { DealRow } from './deal-row';
import { deals } from './deals';

const EPOCH = '2026-01-01T00:00:00.000Z' as Instant;
const day = (n: number): Instant => plusMilliseconds(EPOCH, n * 86_400_000);
const money = (amount: number) => ({ amount, currency: 'CNY' });
const OWNERS = ['0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2e', '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2f'] as const;

/** A decision of any kind; `n` picks among what it may say. */
const decisions = [
  () => scheduleFirstMeeting({ meetingAt: day(1) }),
  () => holdFirstMeeting({ agreedToContinue: true }),
  (n: number) =>
    confirmCriterion({
      criterion: CRITERIA[n % 5] ?? 'budget',
      decisionOn: '2026-02-01',
      startOn: '2026-03-01',
      nextStepOn: '2026-01-20',
    }),
  (n: number) => withdrawCriterion({ criterion: CRITERIA[n % 5] ?? 'budget' }),
  (n: number) => advanceDeal({ to: STAGES[n % 5] ?? 'A' }),
  (n: number) => regressDeal({ to: STAGES[n % 5] ?? 'E', reason: 'r' }),
  () => recordVerbalAgreement({ quote: 'yes' }),
  (n: number) => closeDealWon({ evidence: 'in-use', ...(n % 2 === 0 ? { value: money(n) } : {}) }),
  () => loseDeal({ reason: 'price' }),
  () => reopenDeal({ reason: 'r' }),
  (n: number) => reviseDeal({ value: money(n * 10), expectedCloseOn: day(n).slice(0, 10) }),
  (n: number) => assignDealOwner({ owner: OWNERS[n % 2] ?? OWNERS[0] }),
];

const steps = fc.array(
  fc.record({
    what: fc.integer({ min: 0, max: decisions.length }),
    n: fc.integer({ min: 1, max: 60 }),
    pass: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 10, maxLength: 40 },
);

/** A deal's events after a random life with corrections of its past; what is refused does not happen. */
function lifeOf(life: readonly { what: number; n: number; pass: number }[]): readonly RecordedEvent[] {
  const events: (DealEvent & { at: Instant })[] = [];
  const recorded: RecordedEvent[] = [];
  let today = 0;
  const happen = (decided: readonly DealEvent[], at: Instant): void => {
    for (const event of decided) {
      events.push({ ...event, at: event.at ?? at });
      recorded.push({
        ...event,
        stream: 'deal-key',
        revision: recorded.length,
        position: BigInt(recorded.length + 1),
        occurredAt: event.at ?? at,
        recordedAt: day(1_000 + recorded.length),
      } as unknown as RecordedEvent);
    }
  };
  happen(openDeal({ value: money(500), owner: OWNERS[0] })(dealDecider.initial), day(0));
  for (const { what, n, pass } of life) {
    today += pass;
    const decide = decisions[what];
    const state = stateAfter(dealDecider, events);
    const past = day(n % (today + 1));
    try {
      if (decide) happen(decide(n)(state), day(today));
      else happen(correctDeal({ reason: 'r', value: money(n) }, metaAt(past, day(today)))(state), past);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
  }
  return recorded;
}

/** What a deal adds to the board: itself and its value while it is open. */
const onBoard = (row: DealRow | undefined): { count: number; value: number } =>
  row?.status === 'open' ? { count: 1, value: row.value } : { count: 0, value: 0 };

function summed(
  movements: readonly PlacedMovement[],
  t: Instant,
  p: bigint,
  owner?: string,
): { count: number; value: number } {
  let [count, value] = [0, 0];
  for (const { movement, effectiveAt, knownPos, supersededPos } of movements) {
    if (effectiveAt > t || knownPos > p || (supersededPos !== null && supersededPos <= p)) continue;
    const moved = movement as DealMovement;
    if (owner !== undefined && moved.owner !== owner) continue;
    count += moved.count;
    value += moved.value;
  }
  return { count, value };
}

describe('movements of deals', () => {
  it('sum up to the board of any moment as it was known at any other, in all and for each owner', () => {
    fc.assert(
      fc.property(steps, (life) => {
        const events = lifeOf(life);
        const { movements } = versionsOf(deals, 'key', events);
        for (const { position: p } of events) {
          const known = events.filter(({ position }) => position <= p);
          const { versions } = foldTimeline(deals, 'key', known);
          for (let t = 0; t < 60; t += 3) {
            const version = versions.find(
              ({ validFrom, validTo }) => validFrom <= day(t) && (validTo === null || validTo > day(t)),
            );
            const row = version?.row as DealRow | undefined;
            expect(summed(movements, day(t), p)).toEqual(onBoard(row));
            for (const owner of OWNERS) {
              const own = row?.owner === owner ? row : undefined;
              expect(summed(movements, day(t), p, owner)).toEqual(onBoard(own));
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
