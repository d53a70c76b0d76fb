import type { DiffParts } from '@guanxi/projections';
import { checkCode } from '@guanxi/projections';

/** Gets what was found. */
interface Log {
  warn(message: string): void;
}

/**
 * Looks in the background whether the code of now makes the rows that are there. What it finds is logged, and noted for
 * `guanxi projections list` and health.
 * @returns what ends it
 */
export function lookAtCode(parts: DiffParts, log: Log): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const looking = checkCode(parts, { signal })
    .then((notices) => {
      for (const notice of notices) log.warn(notice);
    })
    .catch((error: unknown) => {
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn(`whether the code still makes the rows that are there was not found out: ${reason}`);
    });
  return async () => {
    stopping.abort();
    await looking;
  };
}
