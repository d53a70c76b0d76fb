import { setTimeout as pause } from 'node:timers/promises';
import { Backoff } from './ailing';

const LONGEST_MILLISECONDS = 5_000;
/** However often there is a reason to begin anew, no beginning follows another one sooner. */
const LEAST_MILLISECONDS = 50;

/** What `keepOn` works with. */
export interface KeepOnOptions {
  /** What it is, for the log. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Milliseconds to wait after the first failure. */
  readonly restMilliseconds: number;
  readonly warn: (message: string) => void;
}

/** Does `work` until the signal comes, again when it ends or fails; a failure is told when it is another one than before. */
export async function keepOn(work: () => Promise<void>, options: KeepOnOptions): Promise<void> {
  const { name, signal, restMilliseconds, warn } = options;
  const backoff = new Backoff(restMilliseconds, LONGEST_MILLISECONDS);
  let told: string | undefined;
  while (!signal.aborted) {
    const begun = performance.now();
    let rest = 0;
    try {
      await work();
      backoff.reset();
      told = undefined;
      rest = Math.max(0, Math.min(restMilliseconds, LEAST_MILLISECONDS) - (performance.now() - begun));
    } catch (error) {
      if (signal.aborted) return;
      // What held for long is not the same trouble as before.
      if (performance.now() - begun > LONGEST_MILLISECONDS) {
        backoff.reset();
        told = undefined;
      }
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== told) warn(`${name} stopped: ${reason}; starting again until it goes`);
      told = reason;
      rest = backoff.next();
    }
    if (rest > 0) await pause(rest, undefined, { signal }).catch(() => undefined);
  }
}
