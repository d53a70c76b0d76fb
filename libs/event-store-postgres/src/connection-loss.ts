import { DatabaseError } from 'pg';

/** Classes of SQLSTATE after which the session is gone, or was never had: what was sent may be written or not. */
const SESSION_OVER = /^(08|57P0)/;
/** No connection to be had for now: too many are open. */
const TOO_MANY = '53300';
/** Classes of what the database refuses because of the rows themselves. */
const REFUSED_ROWS = /^(22|23|54)/;

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** What the driver says without a code when a connection ends under a statement, or none is had in time. */
const DRIVER_WORDS =
  /^(Connection terminated|timeout (expired|exceeded)|Client has encountered a connection error)/;

/** True when the connection was lost or could not be had; false for what the server said about the statement. */
export function isLost(error: unknown): boolean {
  if (error instanceof DatabaseError) {
    return error.code !== undefined && (SESSION_OVER.test(error.code) || error.code === TOO_MANY);
  }
  if (error instanceof AggregateError) return error.errors.some(isLost);
  if (!(error instanceof Error)) return false;
  const code: unknown = 'code' in error ? error.code : undefined;
  return (typeof code === 'string' && NETWORK_CODES.has(code)) || DRIVER_WORDS.test(error.message);
}

/** True when the database refused rows for what stands in them. */
export const isAboutRows = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code !== undefined && REFUSED_ROWS.test(error.code);

/** Why, in a word: never what stood in a statement. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return 'unknown';
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : error.message;
}
