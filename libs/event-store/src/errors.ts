import { DomainError } from '@guanxi/kernel';
import type { ExpectedRevision } from './port';

/** A stream was not as the writer expected; nothing was written. `actual` is -1 for a stream without events. */
export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';

  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    readonly actual: number,
  ) {
    super(`stream ${stream} is at revision ${actual}, expected ${expected}`);
  }
}

/** Too much waits to be written: what is refused now may be sent again in a moment. */
export const overloaded = (message: string, facts?: Record<string, unknown>): DomainError =>
  new DomainError('event-store.overloaded', 'overloaded', message, facts);

/** The store is away, and it is not known whether the append was written; sent again with the same ids it is safe. */
export const unavailable = (reason: string): DomainError =>
  new DomainError(
    'event-store.unavailable',
    'unavailable',
    `the event store cannot be reached (${reason}); repeat the command under the same idempotency key`,
  );

/** A write that no store accepts, whatever its state. */
export const refusedWrite = (rule: string, message: string, facts?: Record<string, unknown>): DomainError =>
  new DomainError(`event-store.${rule}`, 'invalid', message, facts);
