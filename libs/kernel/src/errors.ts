/**
 * What a refusal means to the caller: `invalid` the input breaks a rule of form, `conflict` the facts so far
 * forbid it, `not-found` what it names is not there, `forbidden` the caller may not, `mismatch` the same
 * command id came with other content, `overloaded` try again later, `unavailable` what it needs is away for now.
 */
export type ErrorKind =
  'invalid' | 'conflict' | 'not-found' | 'forbidden' | 'mismatch' | 'overloaded' | 'unavailable';

/** One broken rule, with the place in the input where it was broken (RFC 6901 pointer). */
export interface FieldError {
  readonly field: string;
  readonly rule: string;
  readonly pointer: string;
  readonly message: string;
}

/** A refusal that the caller can understand and act on; anything else that is thrown is a fault of ours. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    /** Stable, dotted name of the rule, such as `deal.criteria-missing`. */
    readonly code: string,
    readonly kind: ErrorKind,
    message: string,
    /** The facts behind the refusal; never personal data. */
    readonly facts: Readonly<Record<string, unknown>> = {},
    readonly errors: readonly FieldError[] = [],
  ) {
    super(message);
  }
}

type Facts = Readonly<Record<string, unknown>>;

/** The input breaks a rule of form. */
export const invalid = (code: string, message: string, facts?: Facts): DomainError =>
  new DomainError(code, 'invalid', message, facts);

/** The facts so far forbid it. */
export const conflict = (code: string, message: string, facts?: Facts): DomainError =>
  new DomainError(code, 'conflict', message, facts);

/** What the command names is not there. */
export const notFound = (code: string, message: string, facts?: Facts): DomainError =>
  new DomainError(code, 'not-found', message, facts);

/** One field breaks one rule; the pointer is derived from the field's dotted path. */
export function invalidField(field: string, rule: string, message: string): DomainError {
  return new DomainError('input.invalid', 'invalid', message, {}, [
    { field, rule, pointer: `/${field.replaceAll('.', '/')}`, message },
  ]);
}
