import type { Lease } from './leases';

/** A batch of the log that was folded into one generation and committed. */
export interface FoldedBatch {
  readonly model: string;
  readonly generation: string;
  /** Events of the batch that were folded into this generation; those that concern it not are left out. */
  readonly events: number;
  /** How long the whole batch took, with all generations that it was folded into. */
  readonly seconds: number;
}

/** Shards that came to a worker or went from it. */
export interface LeaseChange {
  readonly won: readonly Lease[];
  readonly lost: readonly Lease[];
}

/** Gets told what a worker of the read models does, for measuring; it must neither throw nor take long. */
export interface ProjectionObserver {
  folded(batch: FoldedBatch): void;
  leasesChanged(change: LeaseChange): void;
}

/** What changed between two lists of leases. A shard that came back under another token was lost and won. */
export function leaseChange(before: readonly Lease[], after: readonly Lease[]): LeaseChange {
  const without = (these: readonly Lease[], others: readonly Lease[]): readonly Lease[] => {
    const known = new Set(others.map(nameOf));
    return these.filter((lease) => !known.has(nameOf(lease)));
  };
  return { won: without(after, before), lost: without(before, after) };
}

const nameOf = ({ generation, shard, token }: Lease): string => `${generation} ${shard} ${token}`;
