import type { Instant } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import { given, stateAfter } from '../../../../test/support/given';
import type { Calendar } from './calendar';
import { plusWorkingTime } from './calendar';
import { CHINA } from './calendar-china';
import { CLOCK_AT_REST, clockInstants, evolveClock, warnOfClock } from './clock';
import { complaintDecider } from './complaint';
import type { ComplaintEvent } from './events';
import { CLOCK_NORMS } from './policy';

const DAY = 86_400_000;
const inShanghai = (text: string): Instant => parseInstant(`${text}:00+08:00`);

describe('working time', () => {
  it.each([
    ['on working days', '2026-03-02T10:00', 2, '2026-03-04T10:00'],
    ['over a weekend', '2026-03-05T10:00', 2, '2026-03-09T10:00'],
    ['from a weekend on it begins on Monday', '2026-03-07T15:00', 1, '2026-03-10T00:00'],
    [
      'over the Spring Festival, of which some weekend days are worked on',
      '2026-02-13T09:00',
      5,
      '2026-02-27T09:00',
    ],
    ['over a year without known holidays', '2031-10-01T09:00', 1, '2031-10-02T09:00'],
  ])('passes %s', (_what, from, days, to) => {
    expect(plusWorkingTime(inShanghai(from), days * DAY, CHINA)).toBe(inShanghai(to));
  });

  it('belongs to the days of the zone, whose clocks may change', () => {
    const berlin: Calendar = { zone: 'Europe/Berlin', holidays: new Set(), workingWeekends: new Set() };
    // Friday before the clocks go forward: the weekend does not count, whatever its length.
    const friday = parseInstant('2026-03-27T12:00:00+01:00');
    expect(plusWorkingTime(friday, DAY, berlin)).toBe(parseInstant('2026-03-30T12:00:00+02:00'));
    expect(plusWorkingTime(parseInstant('2026-03-27T23:30:00Z'), DAY, CHINA)).toBe(
      parseInstant('2026-03-31T00:00:00+08:00'),
    );
  });
});

const at = (text: string, event: ComplaintEvent): ComplaintEvent & { at: Instant } => ({
  ...event,
  at: inShanghai(text),
});
const filed: ComplaintEvent = {
  type: 'complaint-filed.v1',
  data: { anonymous: true, channel: 'phone', cause: 'unknown', severity: 3 },
};
const acknowledged: ComplaintEvent = { type: 'complaint-acknowledged.v1', data: {} };
const resolved: ComplaintEvent = { type: 'complaint-resolved.v1', data: {} };
const reopened: ComplaintEvent = { type: 'complaint-reopened.v1', data: { reason: 'again' } };
const escalated: ComplaintEvent = {
  type: 'complaint-escalated.v1',
  data: { from: 'front', to: 'middle', reason: 'no answer' },
};

const instantsAfter = (...facts: readonly (ComplaintEvent & { at: Instant })[]) =>
  clockInstants(stateAfter({ initial: CLOCK_AT_REST, evolve: evolveClock }, facts), CLOCK_NORMS).map(
    ({ clock, round, percent, at: when }) => [clock, round, percent, when],
  );

describe('the clocks of a complaint', () => {
  it('run for the first answer and for the resolution, and warn at 50 % and 80 %', () => {
    expect(instantsAfter(at('2026-03-05T10:00', filed))).toEqual([
      ['first-answer', 0, 50, inShanghai('2026-03-05T22:00')],
      ['first-answer', 0, 80, parseInstant('2026-03-06T05:12:00+08:00')],
      ['first-answer', 0, 100, inShanghai('2026-03-06T10:00')],
      ['resolution', 0, 50, inShanghai('2026-03-09T22:00')],
      ['resolution', 0, 80, inShanghai('2026-03-11T10:00')],
      ['resolution', 0, 100, inShanghai('2026-03-12T10:00')],
    ]);
  });

  it('stop with an answer and with a resolution, not with an escalation', () => {
    const answered = [at('2026-03-05T10:00', filed), at('2026-03-05T11:00', acknowledged)];
    expect(instantsAfter(...answered).map(([clock]) => clock)).toEqual(Array(3).fill('resolution'));
    expect(instantsAfter(...answered, at('2026-03-05T12:00', escalated))).toHaveLength(3);
    expect(instantsAfter(...answered, at('2026-03-05T12:00', resolved))).toEqual([]);
  });

  it('begin anew when a complaint is opened again', () => {
    const again = instantsAfter(
      at('2026-03-02T10:00', filed),
      at('2026-03-02T11:00', acknowledged),
      at('2026-03-02T12:00', resolved),
      at('2026-03-16T10:00', reopened),
    );
    expect(again.at(-1)).toEqual(['resolution', 1, 100, inShanghai('2026-03-23T10:00')]);
  });
});

describe('a warning', () => {
  const warning = { clock: 'first-answer', percent: 50, dueAt: '2026-03-06T02:00:00.000Z' } as const;
  const warned: ComplaintEvent = { type: 'complaint-clock-warned.v1', data: warning };
  const givenComplaint = given(complaintDecider);

  it('is noted once', () => {
    givenComplaint(filed).when(warnOfClock(warning)).then(warned);
    givenComplaint(filed, warned).when(warnOfClock(warning)).thenNothing();
  });

  it('is none of a clock that has stopped', () => {
    givenComplaint(filed, acknowledged).when(warnOfClock(warning)).thenRefuses('complaint.answered');
    givenComplaint(filed, acknowledged, resolved)
      .when(warnOfClock({ ...warning, clock: 'resolution' }))
      .thenRefuses('complaint.not-open', { status: 'resolved' });
    givenComplaint().when(warnOfClock(warning)).thenRefuses('complaint.unknown');
  });
});
