/** Why the embedded PostgreSQL could not start. Stable names, for callers and tests. */
export type EmbeddedPostgresErrorCode =
  | 'platform-not-supported'
  | 'binaries-not-usable'
  | 'no-unprivileged-user'
  | 'data-dir-not-writable'
  | 'data-dir-not-reachable'
  | 'data-dir-in-use'
  | 'data-dir-of-another-user'
  | 'data-dir-of-another-version'
  | 'data-dir-not-ours'
  | 'data-moved-away'
  | 'port-taken'
  | 'start-failed'
  | 'stop-failed';

/** The message says what is wrong and what to do about it; it can be shown to a user as it is. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';

  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The code (`ENOENT`, `28P01`) of an error of the system or of PostgreSQL. */
export function errorCode(error: unknown): string | undefined {
  const found = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** The message of whatever was thrown. */
export function errorMessage(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
}
