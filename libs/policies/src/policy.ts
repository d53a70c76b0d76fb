import type { Happened, Instant, RecordedEvent } from '@guanxi/kernel';

/** A command that a policy wants to be sent. */
export interface PolicyCommand {
  /** Name of a declared command. */
  readonly command: string;
  /** Which one is meant; absent for a command that opens a stream of its own. */
  readonly id?: string;
  readonly data: object;
}

/** An instant at which a policy wants to act. */
export interface Timer {
  /**
   * Tells the timers of a key apart. Each fires once at most, for ever: what comes round again, such as the second
   * reopening, needs a name of its own.
   */
  readonly name: string;
  readonly dueAt: Instant;
}

/** What happened, as a policy sees it. */
export type InStream<E> = Happened<E> & { readonly stream: string };

/** What was learned by an event: how things stood to our knowledge before it was recorded, and how they stand after. */
export interface Learned<S, E> {
  readonly before: S;
  readonly after: S;
  readonly event: InStream<E>;
  readonly key: string;
}

/** What becomes of timers that were due before the event that calls for them was recorded. */
export interface Backdating {
  /** They wait so long after that event was recorded, as more facts of the same story may be on their way. */
  readonly settleMilliseconds: number;
  /** They are history and never fire if they were due longer ago than that. */
  readonly forgetMilliseconds: number;
}

/**
 * A policy (process manager): which events it reads, which key each belongs to, and what follows from a key's events,
 * as pure functions. The engine keeps timers, sends commands and sees to it that each is sent once; the policy keeps
 * no books.
 * @typeParam S how a key stands, as far as this policy is concerned
 * @typeParam E events that it reads
 */
export interface Policy<S, E> {
  /** In snake_case: it names the actor of its commands, `policy:<name>`. */
  readonly name: string;
  /** To be raised with every change of what it does; what a version has sent or fired the next one does not repeat. */
  readonly version: number;
  readonly types: readonly string[];
  /** The UUID that an event speaks about; none when the event is no business of this policy. */
  readonly keyOf: (event: RecordedEvent) => string | undefined;
  /** Set when the events of a key come from more than one stream. */
  readonly manyStreams?: boolean;
  /** Names of the commands that it may send. */
  readonly sends: readonly string[];
  /**
   * From where on it acts. `now`, the usual: what happened before the policy first ran sets timers for instants that
   * lie ahead, but no command answers it. `beginning`: all of history is answered, as if the policy had always run.
   */
  readonly from: 'now' | 'beginning';
  readonly backdating?: Backdating;
  readonly initial: S;
  /** Pure; folds events in the order in which they were true, late facts and corrections in their place. */
  readonly evolve: (state: S, event: InStream<E>, key: string) => S;
  /** Pure; the timers that a state calls for. What it no longer calls for is cancelled, what moved is set anew. */
  readonly timers?: (state: S, key: string) => readonly Timer[];
  /** Pure; what is to be done at a timer's instant, as things stand then. */
  readonly onTimer?: (state: S, timer: Timer, key: string) => readonly PolicyCommand[];
  /** Pure; what is to be done when an event was learned. */
  readonly onEvent?: (learned: Learned<S, E>) => readonly PolicyCommand[];
}

/** A policy of any state, as the engine handles it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- states are opaque to the engine; variance forbids unknown
export type AnyPolicy = Policy<any, any>;
