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

/** A write that no store accepts, whatever its state. */
export const refusedWrite = (rule: string, message: string, facts?: Record<string, unknown>): DomainError =>
  new DomainError(`event-store.${rule}`, 'invalid', message, facts);
