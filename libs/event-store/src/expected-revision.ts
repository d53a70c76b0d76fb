import type { ExpectedRevision, StreamWrite } from './port';

/** True when a stream that ends at revision `actual`, -1 for none, is as a writer expects it. */
export function isAsExpected(expected: ExpectedRevision, actual: number): boolean {
  switch (expected) {
    case 'any':
      return true;
    case 'new':
      return actual === -1;
    case 'exists':
      return actual >= 0;
    default:
      return expected === actual;
  }
}

/** True for an append that says exactly where its events go: sent again, it can be told from another. */
export const isRepeatable = (writes: readonly StreamWrite[]): boolean =>
  writes.every(({ expected }) => expected === 'new' || typeof expected === 'number');
