import type { Coverage } from './coverage';

/**
 * How many histories a property is tried on: as many as its test says, times `FC_RUNS` (1 where it is not set), so
 * that one number makes every property run long. fast-check prints the seed of what fails.
 */
export function runs(usual: number): number {
  return Math.max(1, Math.round(usual * factor()));
}

/** Milliseconds that a test may take: a run on demand may take hours. */
runs.patience = 150_000 + 3_600_000 * (factor() > 1 ? 12 : 0);

/** Milliseconds after which a property tries no further history: a slow machine tries fewer. */
runs.limit = factor() > 1 ? runs.patience : 45_000;

/** Tells what a long run was made of. */
runs.tell = (coverage: Coverage): void => {
  if (factor() > 1) process.stdout.write(`${String(coverage)}\n`);
};

function factor(): number {
  const text = process.env['FC_RUNS'] ?? '1';
  const number = Number(text);
  if (!(number > 0)) throw new Error(`FC_RUNS is ${text}; it must be a number above 0`);
  return number;
}
