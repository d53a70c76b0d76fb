import type { Instant, RecordedEvent } from '@guanxi/kernel';
import fc from 'fast-check';
import type { Step } from './testing/ledger-model';
import { accounts, dayAt, historyOf } from './testing/ledger-model';
import type { KeyVersions, Version } from './versions';
import { foldTimeline, versionsOf } from './versions';

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('booked', 'set', 'tagged', 'seen', 'redated'),
    day: fc.integer({ min: 0, max: 12 }),
    value: fc.integer({ min: -20, max: 20 }),
    joined: fc.boolean(),
  }),
  { maxLength: 14 },
);

/** Positions at which knowledge can stand: the ends of appends. */
const knowable = (events: readonly RecordedEvent[]): readonly bigint[] =>
  events
    .filter(({ recordedAt }, index) => events[index + 1]?.recordedAt !== recordedAt)
    .map(({ position }) => position);

function answer(versions: KeyVersions, t: Instant, p: bigint): readonly object[] {
  const { current, closed } = versions;
  const now: Version[] = current ? [{ ...current, validTo: null, closedPos: null, supersededPos: null }] : [];
  return [...closed, ...now]
    .filter(
      ({ openedPos, supersededPos, validFrom, validTo, closedPos }) =>
        openedPos <= p &&
        (supersededPos === null || supersededPos > p) &&
        validFrom <= t &&
        (validTo === null || validTo > t || closedPos === null || closedPos > p),
    )
    .map(({ row }) => row);
}

function freshAnswer(events: readonly RecordedEvent[], t: Instant, p: bigint): readonly object[] {
  const known = events.filter(({ position }) => position <= p);
  const { versions } = foldTimeline(accounts, 'key', known);
  return versions
    .filter(({ validFrom, validTo }) => validFrom <= t && (validTo === null || validTo > t))
    .map(({ row }) => row);
}

describe('versions on two time axes', () => {
  it('answer every moment with what a fresh fold of the events known then, true then, gives', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const events = historyOf('account-key', history);
        const versions = versionsOf(accounts, 'key', events);
        for (const p of knowable(events)) {
          for (let day = -1; day <= 13; day += 1) {
            expect(answer(versions, dayAt(day), p)).toEqual(freshAnswer(events, dayAt(day), p));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('have movements whose sum up to a moment is the row of that moment', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const events = historyOf('account-key', history);
        const versions = versionsOf(accounts, 'key', events);
        for (const p of knowable(events)) {
          for (let day = -1; day <= 13; day += 1) {
            const t = dayAt(day);
            const sum = versions.movements
              .filter(
                ({ effectiveAt, knownPos, supersededPos }) =>
                  effectiveAt <= t && knownPos <= p && (supersededPos === null || supersededPos > p),
              )
              .reduce((total, { movement }) => total + (movement as { delta: number }).delta, 0);
            const [row] = freshAnswer(events, t, p) as readonly { balance: number }[];
            expect(sum).toBe(row?.balance ?? 0);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('make no version of an event that changes nothing, nor of a state inside one append', () => {
    const history: Step[] = [
      { kind: 'seen', day: 1, value: 0, joined: false },
      { kind: 'booked', day: 2, value: 5, joined: false },
      { kind: 'booked', day: 2, value: 7, joined: true },
    ];
    const { closed, current } = versionsOf(accounts, 'key', historyOf('account-key', history));
    expect(closed).toHaveLength(1);
    expect(current?.row).toEqual({ owner: 'somebody', balance: 12 });
  });

  it('keep what was believed before a late fact, and tell the truth after it', () => {
    const late: Step[] = [
      { kind: 'set', day: 10, value: 100, joined: false },
      { kind: 'set', day: 5, value: 50, joined: false },
    ];
    const versions = versionsOf(accounts, 'key', historyOf('account-key', late));
    expect(answer(versions, dayAt(7), 2n)).toEqual([{ owner: 'somebody', balance: 0 }]);
    expect(answer(versions, dayAt(7), 3n)).toEqual([{ owner: 'somebody', balance: 50 }]);
    expect(answer(versions, dayAt(11), 3n)).toEqual([{ owner: 'somebody', balance: 100 }]);
  });
});
