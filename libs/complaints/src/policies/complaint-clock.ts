import { idOf } from '@guanxi/kernel';
import type { Policy } from '@guanxi/policies';
import type { ClockInstant, ClockState } from '../domain/clock';
import { CLOCK_AT_REST, clockInstants, evolveClock } from '../domain/clock';
import type { ComplaintEvent } from '../domain/events';
import { complaintEvents } from '../domain/events';
import type { ClockNorms } from '../domain/policy';
import { CLOCK_NORMS } from '../domain/policy';

const HOUR = 3_600_000;

/** Names are for ever: a clock that begins anew after a reopening has timers of its own. */
const timerOf = (instant: ClockInstant): string => `${instant.clock}-${instant.round}-${instant.percent}`;

/**
 * The clocks of complaints: warns when half and four fifths of the time for a first answer or a resolution have gone
 * by, and hands an overdue complaint up by one level, once for each clock.
 */
export const complaintClock = (norms: ClockNorms = CLOCK_NORMS): Policy<ClockState, ComplaintEvent> => ({
  name: 'complaint_clock',
  version: 1,
  types: complaintEvents.map(({ type }) => type),
  keyOf: ({ stream }) => idOf(stream),
  sends: ['EscalateComplaint', 'WarnOfComplaintClock'],
  // Complaints of the time before this policy were escalated by hand, or not: that is over.
  from: 'now',
  // Imports and late entries tell their story event by event; what is a week overdue when it is learned is history.
  backdating: { settleMilliseconds: HOUR, forgetMilliseconds: 7 * 24 * HOUR },
  initial: CLOCK_AT_REST,
  evolve: (state, event) => evolveClock(state, event),
  timers: (state) =>
    clockInstants(state, norms).map((instant) => ({ name: timerOf(instant), dueAt: instant.at })),
  onTimer: (state, { name }, id) => {
    const instant = clockInstants(state, norms).find((each) => timerOf(each) === name);
    if (!instant) return [];
    const { clock, percent, dueAt } = instant;
    if (percent === 100) return [{ command: 'EscalateComplaint', id, data: { reason: OVERDUE[clock] } }];
    return [{ command: 'WarnOfComplaintClock', id, data: { clock, percent, dueAt } }];
  },
});

const OVERDUE = {
  'first-answer': 'the first answer is overdue',
  resolution: 'the resolution is overdue',
} as const;
