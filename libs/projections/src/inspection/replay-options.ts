import type { Instant } from '@guanxi/kernel';

/** What to replay. */
export interface ReplayOptions {
  /** The truth of this moment; of now where left out. */
  readonly asOf?: Instant;
  /** With what was known then; with all that the tables know where left out. */
  readonly asKnownAt?: Instant;
  /** These keys alone. */
  readonly keys?: readonly string[];
  /** True: the scratch schema stays. */
  readonly keep?: boolean;
  /** So many differing keys are shown, the rest is counted. */
  readonly shown?: number;
  /** Ends it early; what was made is taken away. */
  readonly signal?: AbortSignal;
  /** Hears how many events were looked at and how many keys were folded. */
  readonly onProgress?: (progress: ReplayProgress) => void;
}

/** How far a replay is. */
export interface ReplayProgress {
  readonly events: number;
  readonly keys: number;
}
