import type { Topic } from '../contracts/contract';
import type { Outgoing } from './outgoing';

/** A stream that was set aside: its first event that could not be told, and why. Later ones wait behind it. */
export interface ParkedKey {
  /** Of the first event of the stream that is not published. */
  readonly position: bigint;
  /** Its type as it is stored. */
  readonly type: string;
  /** The contract it could not be told as. */
  readonly contract: string;
  /** Without anything of what the event says. */
  readonly reason: string;
}

/** An event of the log, by which the log is known again. */
export interface Landmark {
  readonly position: bigint;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
}

/** What a relay has to know to go on: kept where the messages are, and changed together with them. */
export interface RelayState {
  /** Every public event up to here is published or waits behind a parked key. */
  readonly position: bigint;
  /** The last public event up to there; null: there was none. Absent where it is not known. */
  readonly landmark?: Landmark | null;
  /** By stream. */
  readonly parked: ReadonlyMap<string, ParkedKey>;
  /** What a replay selects, as it was begun; absent in the relay proper. */
  readonly selection?: string;
}

/** What changes in the state; an absent part stays. */
export interface StateChange {
  readonly position?: bigint;
  /** Goes with the position; null: there was no public event up to there. Absent: it is not known. */
  readonly landmark?: Landmark | null;
  /** By stream; undefined: the key is healed. */
  readonly parked?: ReadonlyMap<string, ParkedKey | undefined>;
  readonly selection?: string;
}

/**
 * Where messages go. Whoever opens it takes over from whoever had it before: what that one has not committed is
 * undone, and it can write nothing more.
 */
export interface Publisher {
  /**
   * Makes missing topics, takes over and reads how far the former one came.
   * @throws PublisherError
   */
  open(topics: readonly Topic[], signal: AbortSignal): Promise<OpenPublisher>;
}

/** Where messages go, taken over. After an error it must be closed and opened anew: what became of a commit is unknown. */
export interface OpenPublisher {
  readonly state: RelayState;
  /** Topics that were missing, and have been made. */
  readonly made: readonly string[];
  /** What whoever operates the topics should know of them. */
  readonly warnings: readonly string[];
  /** Whether nothing was ever written to a topic. */
  isNew(topic: string): boolean;
  /** Bytes of the largest message that a topic takes. */
  largest(topic: string): number;
  /**
   * Learns what has changed in the settings of the topics.
   * @throws PublisherError
   */
  lookAgain(): Promise<void>;
  /**
   * Publishes messages in their order and changes the state, all or nothing.
   * @throws PublisherError
   */
  publish(messages: readonly Outgoing[], change: StateChange): Promise<void>;
  close(): Promise<void>;
}

/**
 * What went wrong, by what is to be done: `fenced` somebody else has taken over; `away` wait and try again; `too-large`
 * a message is larger than its topic takes; `refused` somebody must change a setting; `unknown` open anew and look.
 */
export type PublisherFailure = 'fenced' | 'away' | 'too-large' | 'refused' | 'unknown';

/** Messages could not be published; the message is for people and tells nothing of what events say. */
export class PublisherError extends Error {
  override readonly name = 'PublisherError';

  constructor(
    readonly kind: PublisherFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
