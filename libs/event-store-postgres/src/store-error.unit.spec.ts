import { DomainError } from '@guanxi/kernel';
import { DatabaseError } from 'pg';
import { storeErrorOf } from './store-error';

function databaseError(code: string | undefined): DatabaseError {
  const error = new DatabaseError('could not write "secret" to file', 1, 'error');
  error.code = code;
  return error;
}

it.each([
  ['53100', 'event-store.disk-full', /disk .* is full; nothing was written/],
  ['25006', 'event-store.read-only', /takes no writes .* nothing was written/],
  ['40001', 'event-store.unavailable', /in the way/],
  ['40P01', 'event-store.unavailable', /in the way/],
  ['53000', 'event-store.unavailable', /short of resources/],
  ['53200', 'event-store.unavailable', /out of memory/],
  ['53300', 'event-store.unavailable', /no connection left/],
  ['53400', 'event-store.unavailable', /short of resources/],
  ['57014', 'event-store.unavailable', /cancelled the statement/],
  ['57P01', 'event-store.unavailable', /being shut down/],
  ['57P02', 'event-store.unavailable', /crashed/],
  ['57P03', 'event-store.unavailable', /starting up/],
  ['57P04', 'event-store.unavailable', /dropped/],
  ['57P05', 'event-store.unavailable', /ended the connection/],
])('takes SQLSTATE %s for %s', (sqlState, code, message) => {
  const mapped = storeErrorOf(databaseError(sqlState));
  expect(mapped).toBeInstanceOf(DomainError);
  expect(mapped).toMatchObject({ code, kind: 'unavailable', message: expect.stringMatching(message) });
  expect((mapped as DomainError).message).not.toContain('secret');
});

it.each([
  ['a unique violation', databaseError('23505')],
  ['a database error without a code', databaseError(undefined)],
  ['an error of ours with such a code', Object.assign(new Error('x'), { code: '53100' })],
  ['what is no error', 'x'],
  ['nothing', undefined],
])('hands back %s as it is', (_name, error) => {
  expect(storeErrorOf(error)).toBe(error);
});
