import { ErrorType, isCommandError } from '@kurrent/kurrentdb-client';
import type { AppendConsistencyViolationError, WrongExpectedVersionError } from '@kurrent/kurrentdb-client';
import { DomainError, conflict } from '@guanxi/kernel';
import { refusedWrite } from '@guanxi/event-store';

/** The server has not answered in time; what it did with the call is not known. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';

  constructor(readonly milliseconds: number) {
    super(`no answer within ${milliseconds} ms`);
  }
}

/**
 * What an error of the client means for the call that got it:
 * `conflict` a stream is not as expected; `elsewhere` this node refused, as it is not the leader, and nothing is
 * written; `moved` the same, and the client was told where the leader is and goes there next; `unreached` nobody was asked, so nothing is written; `lost` what became of the call is not known; `silent`
 * the same, after the whole time that a call has; `unsupported` the server is too old; `refused` the call is refused for good.
 */
export type Failure =
  | { readonly kind: 'conflict'; readonly states: readonly StreamState[] }
  | {
      readonly kind: 'elsewhere' | 'moved' | 'unreached' | 'lost' | 'silent' | 'unsupported';
      readonly reason: string;
    }
  | { readonly kind: 'refused'; readonly error: Error };

/** A stream that is not as expected; -1 without events. */
export interface StreamState {
  readonly stream: string;
  readonly actual: number;
}

const FAILED_PRECONDITION = 9;
const INVALID_ARGUMENT = 3;
const PERMISSION_DENIED = 7;

/** Sorts an error of the client. Its message is not passed on: it may hold the connection string. */
export function failureOf(error: unknown): Failure {
  if (error instanceof NoAnswer) return { kind: 'silent', reason: error.message };
  if (error instanceof DomainError) return { kind: 'refused', error };
  // Whatever is no error of a command happened on the way to the first: discovery, or the question for features.
  if (!(error instanceof Error) || !isCommandError(error)) {
    return codeOf(error) === PERMISSION_DENIED || codeOf(error) === UNAUTHENTICATED
      ? { kind: 'refused', error: accessDenied() }
      : { kind: 'unreached', reason: 'no connection to KurrentDB' };
  }
  switch (error.type) {
    case ErrorType.WRONG_EXPECTED_VERSION:
      return { kind: 'conflict', states: [stateOf(error.streamName, error.actualState)] };
    case ErrorType.APPEND_CONSISTENCY_VIOLATION:
      return { kind: 'conflict', states: violationsOf(error) };
    case ErrorType.NOT_LEADER:
      return { kind: 'moved', reason: 'the node is not the leader' };
    case ErrorType.UNSUPPORTED:
      return { kind: 'unsupported', reason: error.minimumVersion };
    case ErrorType.ACCESS_DENIED:
      return { kind: 'refused', error: accessDenied() };
    case ErrorType.STREAM_DELETED:
    case ErrorType.STREAM_TOMBSTONED:
      return {
        kind: 'refused',
        error: conflict('event-store.stream-deleted', 'the stream was deleted for good'),
      };
    case ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED:
    case ErrorType.TRANSACTION_MAX_SIZE_EXCEEDED:
      return {
        kind: 'refused',
        error: refusedWrite('append-too-large', 'the append is larger than KurrentDB takes'),
      };
    case ErrorType.APPEND_RECORD_SIZE_EXCEEDED:
      return {
        kind: 'refused',
        error: refusedWrite('event-too-large', 'an event is larger than KurrentDB takes'),
      };
    case ErrorType.DEADLINE_EXCEEDED:
      return { kind: 'silent', reason: 'no answer in time' };
    case ErrorType.UNKNOWN:
      return unknown(error.code);
    default:
      return { kind: 'lost', reason: `KurrentDB answered: ${error.type}` };
  }
}

const UNAUTHENTICATED = 16;

/** What the client knows no name for, by the number of its gRPC status. */
function unknown(code: number | undefined): Failure {
  if (code === FAILED_PRECONDITION) return { kind: 'elsewhere', reason: 'the node is not the leader' };
  if (code === PERMISSION_DENIED || code === UNAUTHENTICATED)
    return { kind: 'refused', error: accessDenied() };
  if (code === INVALID_ARGUMENT) {
    return { kind: 'refused', error: refusedWrite('refused', 'KurrentDB refuses the call as invalid') };
  }
  return { kind: 'lost', reason: `KurrentDB answered with gRPC status ${code ?? 'unknown'}` };
}

/** Whether a client that failed in this way should be left for a new one. */
export const spoils = ({ kind }: Failure): boolean =>
  kind === 'elsewhere' || kind === 'unreached' || kind === 'lost' || kind === 'silent';

/** The credentials of the connection string are wrong, or may not do what is asked. */
export const accessDenied = (): DomainError =>
  new DomainError(
    'event-store.access-denied',
    'unavailable',
    'KurrentDB refuses the credentials of the connection string',
  );

/** The server is older than what the store is made for. */
export const tooOld = (version: string, needed: string): DomainError =>
  new DomainError(
    'event-store.server-version',
    'unavailable',
    `the store needs KurrentDB ${needed} or later; the server is ${version}`,
    { version, needed },
  );

/** The error of a read that cannot be helped. */
export function finalError(failure: Exclude<Failure, { kind: 'conflict' }>): Error {
  if (failure.kind === 'refused') return failure.error;
  return new DomainError(
    'event-store.unavailable',
    'unavailable',
    `KurrentDB cannot be asked now: ${failure.reason}`,
  );
}

const stateOf = (stream: string, actual: WrongExpectedVersionError['actualState']): StreamState => ({
  stream,
  // A deleted stream is counted below -1.
  actual: actual === 'no_stream' ? -1 : Math.max(-1, Number(actual)),
});

const violationsOf = ({ violations }: AppendConsistencyViolationError): readonly StreamState[] =>
  violations.map(({ streamName, actualState }) => stateOf(streamName, actualState));

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
