import type { ErrorKind, FieldError } from '@guanxi/kernel';
import { DomainError } from '@guanxi/kernel';

/** An error as callers get it (RFC 9457). */
export interface Problem {
  /** Names the kind of problem; the same for every occurrence. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable, dotted name of the rule: what programs look at. */
  readonly code: string;
  readonly instance?: string;
  readonly correlationId?: string;
  /** One entry a broken rule of the input. */
  readonly errors?: readonly FieldError[];
  /** The facts behind a refusal. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** Seconds after which it makes sense to try again. */
  readonly retryAfter?: number;
}

export const PROBLEM_TYPE = 'application/problem+json';

const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  mismatch: 422,
  overloaded: 503,
  unavailable: 503,
};

/** Codes whose status says more than their kind. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'stream.revision': 412,
  'query.behind': 504,
  'rate.exceeded': 429,
  'event-store.overloaded': 429,
  'auth.missing': 401,
  'auth.invalid': 401,
  'body.too-large': 413,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request breaks a rule of form',
  401: 'A key is needed',
  403: 'The key may not do this',
  404: 'There is no such thing',
  405: 'The route has no such method',
  406: 'The answer does not come in this form',
  409: 'The facts so far forbid it',
  412: 'It has changed since it was read',
  413: 'The request is too large',
  415: 'The request comes in a form that is not understood',
  422: 'The idempotency key belongs to another command',
  429: 'Too many requests',
  500: 'Something went wrong on our side',
  503: 'Not now',
  504: 'Not yet',
};

const RETRY_AFTER_SECONDS = 1;
const RETRYABLE: ReadonlySet<number> = new Set([429, 503, 504]);

/** A problem under a code of its own. */
export function problem(status: number, code: string, detail: string, more: Partial<Problem> = {}): Problem {
  return {
    type: `/problems/${code}`,
    title: TITLES[status] ?? 'The request was refused',
    status,
    detail,
    code,
    ...(RETRYABLE.has(status) ? { retryAfter: RETRY_AFTER_SECONDS } : {}),
    ...more,
  };
}

/** A refusal as a problem. */
export function problemOfRefusal(error: DomainError): Problem {
  const { code, kind, message, errors, facts } = error;
  return problem(STATUS_OF_CODE[code] ?? STATUS[kind], code, message, {
    ...(errors.length > 0 ? { errors } : {}),
    ...(Object.keys(facts).length > 0 ? { facts } : {}),
  });
}

/**
 * Whatever was thrown as a problem. A fault of ours says nothing about itself: that stands in the log, under the
 * correlation id.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof DomainError) return problemOfRefusal(error);
  if (isUnavailable(error)) {
    return problem(
      503,
      'database.unavailable',
      'the database does not answer; a command may or may not have been carried out: send it again under the same Idempotency-Key',
    );
  }
  if (codeOf(error) === STATEMENT_TIMEOUT) {
    return problem(504, 'query.too-long', 'the question takes longer than it may; ask for less');
  }
  return problem(500, 'internal', 'an unexpected error; the log has more under the correlation id');
}

/** Codes of Node and PostgreSQL that say: the server is not there, or going away, or full. */
const UNAVAILABLE = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT|57P0[123]|53300|08\w{3})$/;
const UNAVAILABLE_TEXT =
  /Connection terminated|timeout exceeded when trying to connect|Cannot use a pool after/;

const STATEMENT_TIMEOUT = '57014';

/** True for errors of a database that cannot be reached at the moment. */
export function isUnavailable(error: unknown): boolean {
  const { message } = partsOf(error);
  return UNAVAILABLE.test(codeOf(error)) || (typeof message === 'string' && UNAVAILABLE_TEXT.test(message));
}

function codeOf(error: unknown): string {
  const { code } = partsOf(error);
  return typeof code === 'string' ? code : '';
}

const partsOf = (error: unknown): { readonly code?: unknown; readonly message?: unknown } =>
  typeof error === 'object' && error !== null ? error : {};
