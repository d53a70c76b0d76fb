import { setTimeout as pause } from 'node:timers/promises';
import type { ProjectionState } from './projection-state';

/** Whether requests should come here. */
export interface Readiness {
  readonly status: 'ready' | 'not-ready';
  readonly database: 'ok' | 'unreachable';
  readonly stopping?: boolean;
  readonly projections?: ProjectionState;
}

const PATIENCE_MILLISECONDS = 2_000;

/** Asks the database, with little patience. @param state rejects when the database does not answer */
export async function readinessOf(
  state: () => Promise<ProjectionState>,
  stopping: boolean,
): Promise<Readiness> {
  const patience = new AbortController();
  try {
    const projections = await Promise.race([state(), tooLong(patience.signal)]);
    return {
      status: stopping ? 'not-ready' : 'ready',
      database: 'ok',
      ...(stopping ? { stopping } : {}),
      projections,
    };
  } catch {
    return { status: 'not-ready', database: 'unreachable', ...(stopping ? { stopping } : {}) };
  } finally {
    patience.abort();
  }
}

async function tooLong(signal: AbortSignal): Promise<never> {
  await pause(PATIENCE_MILLISECONDS, undefined, { signal, ref: false }).catch(() => undefined);
  throw new Error('the database did not answer in time');
}
