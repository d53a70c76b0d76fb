import type { Calendar } from './calendar';
import { CHINA } from './calendar-china';

/** A first answer is due within this time after filing. */
export const FIRST_ANSWER_HOURS = 24;

/** Attempts at a return visit that failed and together stand for one that reached the customer. */
export const FAILED_FOLLOW_UPS = 3;

/** A resolution is due within so many working days after filing, or after the last reopening. */
export const RESOLUTION_WORKING_DAYS = 5;

/** How long a first answer and a resolution may take. */
export interface ClockNorms {
  /** Hours on the wall. */
  readonly firstAnswerHours: number;
  readonly resolutionWorkingDays: number;
  readonly calendar: Calendar;
}

/** What complaints are timed by. */
export const CLOCK_NORMS: ClockNorms = {
  firstAnswerHours: FIRST_ANSWER_HOURS,
  resolutionWorkingDays: RESOLUTION_WORKING_DAYS,
  calendar: CHINA,
};
