import { DatabaseError } from 'pg';
import { Passing } from './errors';

/** Lost sessions, too many of them, deadlocks, serialization failures, locks not had in time. */
const PASSES = /^(08|57P0|53300$|40001$|40P01$|55P03$|25P03$)/;
const NETWORK = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
/** What the driver says without a code. */
const DRIVER =
  /^(Connection terminated|timeout (expired|exceeded)|Client has encountered a connection error)/;

/** The same failure, marked where it passes by itself: then all that was not committed is done again. */
export const databaseFault = (error: unknown): unknown => (passes(error) ? new Passing(error) : error);

function passes(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(passes);
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error instanceof DatabaseError) return PASSES.test(code);
  return NETWORK.test(code) || DRIVER.test(error.message);
}
