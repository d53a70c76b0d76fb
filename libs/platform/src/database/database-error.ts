/** The database cannot serve; the message says why and what to do, never a password. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';

  constructor(
    /** Stable, dotted name of what is wrong, such as `database.read-only`. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
