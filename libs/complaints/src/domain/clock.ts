import type { Happened, Instant } from '@guanxi/kernel';
import { conflict, millisecondsBetween, plusMilliseconds } from '@guanxi/kernel';
import { plusWorkingTime } from './calendar';
import type { ComplaintDecision } from './complaint';
import { nameOfWarning } from './complaint';
import type { ComplaintEvent, DataOf } from './events';
import { requireOpen } from './order';
import type { ClockNorms } from './policy';
import type { Clock, WarningPercent } from './vocabulary';
import { WARNING_PERCENTS } from './vocabulary';

/** What the clocks of a complaint go by. */
export interface ClockState {
  readonly filedAt?: Instant;
  readonly answered: boolean;
  /** Moment since which a resolution is awaited; absent when none is. */
  readonly unresolvedSince?: Instant;
  /** How often it was opened again: each time the clock of the resolution begins anew. */
  readonly round: number;
}

export const CLOCK_AT_REST: ClockState = { answered: false, round: 0 };

/** Something that is due on one of a complaint's clocks. */
export interface ClockInstant {
  readonly clock: Clock;
  readonly round: number;
  /** 50 and 80: a warning; 100: overdue. */
  readonly percent: WarningPercent | 100;
  readonly at: Instant;
  /** When the clock runs out. */
  readonly dueAt: Instant;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How an event moves the clocks. */
export function evolveClock(state: ClockState, event: Happened<ComplaintEvent>): ClockState {
  switch (event.type) {
    case 'complaint-filed.v1':
      return { ...state, filedAt: event.at, unresolvedSince: event.at };
    case 'complaint-acknowledged.v1':
      return { ...state, answered: true };
    case 'complaint-resolved.v1':
    case 'complaint-closed.v1':
    case 'complaint-withdrawn.v1':
      return { ...state, answered: true, unresolvedSince: undefined };
    case 'complaint-reopened.v1':
      return { ...state, unresolvedSince: event.at, round: state.round + 1 };
    case 'complaint-finding-recorded.v1':
    case 'complaint-solution-proposed.v1':
    case 'complaint-proposal-answered.v1':
    case 'complaint-followed-up.v1':
    case 'complaint-assigned.v1':
    case 'complaint-escalated.v1':
    case 'complaint-clock-warned.v1':
      return state;
  }
}

/** Everything that is due on the clocks that run. */
export function clockInstants(
  { filedAt, answered, unresolvedSince, round }: ClockState,
  { firstAnswerHours, resolutionWorkingDays, calendar }: ClockNorms,
): readonly ClockInstant[] {
  const instants: ClockInstant[] = [];
  const add = (clock: Clock, since: Instant, own: number, after: (share: number) => Instant): void => {
    const dueAt = after(1);
    if (millisecondsBetween(since, dueAt) <= 0) return;
    for (const percent of [...WARNING_PERCENTS, 100] as const)
      instants.push({ clock, round: own, percent, at: after(percent / 100), dueAt });
  };
  if (filedAt !== undefined && !answered)
    add('first-answer', filedAt, 0, (share) => plusMilliseconds(filedAt, share * firstAnswerHours * HOUR));
  if (unresolvedSince !== undefined)
    add('resolution', unresolvedSince, round, (share) =>
      plusWorkingTime(unresolvedSince, share * resolutionWorkingDays * DAY, calendar),
    );
  return instants;
}

/**
 * Notes that so much of the time for a first answer or a resolution has gone by.
 * @throws DomainError `complaint.answered` when the first answer was given
 */
export const warnOfClock =
  (warning: DataOf<'complaint-clock-warned.v1'>): ComplaintDecision =>
  (complaint) => {
    if (complaint.warnings.includes(nameOfWarning(warning))) return [];
    requireOpen(complaint);
    if (warning.clock === 'first-answer' && complaint.acknowledgement)
      throw conflict('complaint.answered', 'the first answer was given: its clock has stopped');
    return [{ type: 'complaint-clock-warned.v1', data: { ...warning } }];
  };
