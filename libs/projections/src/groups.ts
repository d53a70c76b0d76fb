import type { Lease } from './leases';

/** Most readers of shards that lag behind: each has a connection and a share of the processor. */
const MOST_LAGGING = 2;

/** Shards that are not further apart share a reader: to read so many events once more costs less than a second one. */
const LEAST_GAP = 10_000n;

/** Shards that are followed together, with one reader. */
export interface Groups {
  readonly live: readonly Lease[];
  readonly lagging: readonly (readonly Lease[])[];
}

/**
 * Shards near the end of the log go together. Those that lag behind have readers of their own, so that they hold up
 * nobody, and those of similar positions share one: where two positions lie furthest apart, two readers begin.
 */
export function groupsOf(leases: readonly Lease[], isLive: (lease: Lease) => boolean): Groups {
  const lagging = leases.filter((lease) => !isLive(lease));
  const inOrder = [...lagging].sort((a, b) =>
    a.position < b.position ? -1 : a.position > b.position ? 1 : 0,
  );
  const gapBefore = (index: number): bigint =>
    (inOrder[index]?.position ?? 0n) - (inOrder[index - 1]?.position ?? 0n);
  const cuts = inOrder
    .map((_, index) => index)
    .filter((index) => index > 0 && gapBefore(index) > LEAST_GAP)
    .sort((a, b) => (gapBefore(a) > gapBefore(b) ? -1 : 1))
    .slice(0, MOST_LAGGING - 1)
    .sort((a, b) => a - b);
  const groups = [...cuts, inOrder.length].map((end, index) => inOrder.slice(cuts[index - 1] ?? 0, end));
  return { live: leases.filter(isLive), lagging: groups.filter((group) => group.length > 0) };
}
