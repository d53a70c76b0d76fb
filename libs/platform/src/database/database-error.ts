/** The database cannot serve; the message says why and what to do, never a password. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}
