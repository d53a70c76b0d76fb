import type { Instant } from '@guanxi/kernel';

/** A timer that has fired. */
export interface FiredTimer {
  readonly policy: string;
  readonly name: string;
  readonly dueAt: Instant;
  readonly lateByMilliseconds: number;
}

/** What became of a command: carried out (now or when it was sent before), refused for good, or to be tried again. */
export type Answer = 'accepted' | 'refused' | 'again';

/** Gets told what a worker of the policies does, for measuring; it must neither throw nor take long. */
export interface PolicyObserver {
  fired(timers: readonly FiredTimer[]): void;
  sent(policy: string, command: string, answer: Answer): void;
}
