import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from '../client/client';
import { headOf } from '../health/server';
import type { Screen } from '../import/report';
import { isRecord } from '../import/types';

interface Waiting {
  readonly screen: Screen;
  readonly signal: AbortSignal;
  /** How long read models may stand still before the wait is given up (30 s). */
  readonly patienceMs?: number;
  /** Between two looks (200 ms). */
  readonly lookMs?: number;
}

/** How far the log was when the wait began, and whether queries count all of it in. */
export interface Counted {
  readonly position: string;
  readonly counted: boolean;
}

const TELL_MS = 1_000;

/**
 * Waits until queries count in all that is recorded now: whoever sends much and asks at once takes a part for the whole.
 * Gives up when the read models stand still, and when the signal says so: nothing is lost by that.
 * @param look what the server says of its readiness
 * @returns nothing where the server does not tell how far it is, or is gone
 */
export async function untilCounted(
  look: () => Promise<Answer>,
  waiting: Waiting,
): Promise<Counted | undefined> {
  try {
    return await waited(look, waiting);
  } catch {
    // What was sent is in, whatever became of the server since.
    return undefined;
  }
}

async function waited(
  look: () => Promise<Answer>,
  { screen, signal, patienceMs = 30_000, lookMs = 200 }: Waiting,
): Promise<Counted | undefined> {
  let readiness = await look();
  const position = headOf(readiness);
  if (position === undefined) return undefined;
  let moved = Date.now();
  let told = Date.now();
  for (let last = reachedBy(readiness); ; readiness = await look()) {
    const reached = reachedBy(readiness);
    if (reached === undefined) return undefined;
    if (reached >= BigInt(position)) return { position, counted: true };
    if (reached !== last) moved = Date.now();
    last = reached;
    if (signal.aborted || Date.now() - moved >= patienceMs) return { position, counted: false };
    if (Date.now() - told >= TELL_MS) {
      told = Date.now();
      screen.write(`queries count in what was recorded up to position ${String(reached)} of ${position}\n`);
    }
    await pause(lookMs);
  }
}

/** What there is to say where queries do not count all of it in. */
export const countedInWords = (counted: Counted | undefined): string =>
  counted === undefined || counted.counted
    ? ''
    : `\nqueries do not count in all of it yet; with --min-position ${counted.position} they wait for it`;

/** Up to where all read models are; a model without lag is at the end, wherever its own last event was. */
function reachedBy(readiness: Answer): bigint | undefined {
  const { projections: state } = readiness;
  const head = headOf(readiness);
  const models = isRecord(state) && Array.isArray(state['models']) ? state['models'].filter(isRecord) : [];
  if (head === undefined || models.length === 0) return undefined;
  return models
    .map(({ position, lag }) => BigInt(lag !== '0' && typeof position === 'string' ? position : head))
    .reduce((lowest, each) => (each < lowest ? each : lowest));
}
