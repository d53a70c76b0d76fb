/** What can be wrong with a store. */
export type StoreFaultKind =
  'gap' | 'inversion' | 'revision' | 'head' | 'orphan' | 'duplicate-id' | 'data' | 'metadata';

/** A fault and its place. */
export interface StoreFault {
  readonly kind: StoreFaultKind;
  /** Of the event at fault; of a gap the first position that is missing. */
  readonly position: bigint;
  /** Absent where no stream is concerned. */
  readonly stream?: string;
  /** What is wrong, in words; never content of an event. */
  readonly detail: string;
}

/** What was looked at. */
export interface Verified {
  readonly events: number;
  readonly faults: number;
  readonly from: bigint;
  /** Position of the last event, 0 where there is none. */
  readonly to: bigint;
}
