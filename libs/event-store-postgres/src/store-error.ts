import { unavailable } from '@guanxi/event-store';
import { DomainError } from '@guanxi/kernel';
import { DatabaseError } from 'pg';

const away = (code: string, message: string): DomainError => new DomainError(code, 'unavailable', message);

/** SQLSTATEs of whole failures; the statement was rolled back with each of them. */
const FAILURES: Readonly<Record<string, () => DomainError>> = {
  '53100': () =>
    away(
      'event-store.disk-full',
      "the disk of the event store's database is full; nothing was written: make room and repeat the command",
    ),
  '25006': () =>
    away(
      'event-store.read-only',
      "the event store's database takes no writes (it is read-only or a standby); nothing was written",
    ),
  '53200': () => unavailable('the database is out of memory'),
  '53300': () => unavailable('the database has no connection left'),
  '57014': () => unavailable('the database cancelled the statement: a timeout of the server, or an operator'),
  '57P01': () => unavailable('the database is being shut down'),
  '57P02': () => unavailable('the database has crashed and restarts'),
  '57P03': () => unavailable('the database is starting up or shutting down'),
  '57P04': () => unavailable('the database was dropped'),
};

/** Other codes of the classes "transaction rollback", "insufficient resources" and "operator intervention: shutdown". */
const CLASSES: readonly (readonly [prefix: string, reason: string])[] = [
  ['40', 'other transactions were in the way'],
  ['53', 'the database is short of resources'],
  ['57P0', 'the database ended the connection'],
];

/**
 * What an error of the database means to a caller: a full disk, a database that takes no writes, and one that is short
 * of resources or going away become DomainErrors of kind `unavailable`; everything else is handed back as it is. The
 * database's own message never goes out: it may quote values.
 */
export function storeErrorOf(error: unknown): unknown {
  if (!(error instanceof DatabaseError) || error.code === undefined) return error;
  const { code } = error;
  const known = FAILURES[code]?.();
  if (known) return known;
  const [, reason] = CLASSES.find(([prefix]) => code.startsWith(prefix)) ?? [];
  return reason === undefined ? error : unavailable(reason);
}
