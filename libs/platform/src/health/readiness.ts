import { setTimeout as pause } from 'node:timers/promises';
import type { DownstreamState } from './downstream';
import type { ProjectionState } from './projection-state';

/** Whether requests should come here. */
export interface Readiness {
  readonly status: 'ready' | 'not-ready';
  readonly database: 'ok' | 'unreachable';
  readonly stopping?: boolean;
  readonly projections?: ProjectionState;
  /** Absent when it could not be read in time: who is outside does not decide whether requests may come here. */
  readonly downstream?: DownstreamState;
}

const PATIENCE_MILLISECONDS = 2_000;

/**
 * Asks the database, with little patience.
 * @param state rejects when the database does not answer
 * @param downstream left out when it does not answer
 */
export async function readinessOf(
  state: () => Promise<ProjectionState>,
  downstream: () => Promise<DownstreamState>,
  stopping: boolean,
): Promise<Readiness> {
  const patience = new AbortController();
  try {
    const late = tooLong(patience.signal);
    const [projections, outside] = await Promise.all([
      Promise.race([state(), late]),
      Promise.race([downstream(), late]).catch(() => undefined),
    ]);
    return {
      status: stopping ? 'not-ready' : 'ready',
      database: 'ok',
      ...(stopping ? { stopping } : {}),
      projections,
      ...(outside && { downstream: outside }),
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
