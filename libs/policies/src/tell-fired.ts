import type { Instant } from '@guanxi/kernel';
import { millisecondsBetween } from '@guanxi/kernel';
import type { PolicyObserver } from './observer';
import type { AnyPolicy } from './policy';
import type { DueTimer } from './timer-book';

/** Who is told. */
export interface Told {
  readonly warn: (message: string) => void;
  readonly observer?: PolicyObserver;
}

/** So much later than due is late: the worker was not just between two looks. */
const LATE_MILLISECONDS = 5_000;

/** Tells which timers of a policy have fired, and warns of those that were late. */
export function tellFired(
  { warn, observer }: Told,
  { name: policy }: Pick<AnyPolicy, 'name'>,
  fired: readonly DueTimer[],
  now: Instant,
): void {
  const timers = fired.map(({ name, dueAt }) => ({
    ...{ policy, name, dueAt },
    lateByMilliseconds: Math.max(0, millisecondsBetween(dueAt, now)),
  }));
  observer?.fired(timers);
  const late = timers.filter(({ lateByMilliseconds }) => lateByMilliseconds > LATE_MILLISECONDS);
  if (late.length === 0) return;
  const most = Math.max(...late.map(({ lateByMilliseconds }) => lateByMilliseconds));
  warn(`${late.length} timers of policy ${policy} fired late, by up to ${(most / 1_000).toFixed(0)} s`);
}
