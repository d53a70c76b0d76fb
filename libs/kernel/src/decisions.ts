import type { Happened } from './events';
import type { Instant } from './instant';

/** What a decision may know beside its input and the facts so far; clock and ids come in here and nowhere else. */
export interface CommandMeta {
  readonly commandId: string;
  readonly command: string;
  readonly commandHash: string;
  /** True when the caller named the command itself, so that it may be sent again under the same id. */
  readonly isRepeatable?: boolean;
  /** When it happened in the business: the command's `occurredAt`, else `now`. */
  readonly at: Instant;
  /** When the command arrived. */
  readonly now: Instant;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly actor: string;
  readonly tenant: string;
}

/** What a command does to the facts so far: new events, none when nothing changes, or a `DomainError`. */
export type Decision<S, E> = (state: S) => readonly E[];

/** How the facts of one stream add up to the state on which decisions are made. */
export interface Decider<S, E> {
  readonly initial: S;
  readonly evolve: (state: S, event: Happened<E>) => S;
}
