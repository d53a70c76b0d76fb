import type { Principal } from '@guanxi/commanding';
import { DomainError } from '@guanxi/kernel';
import type { ApiKeys } from './api-keys';

/** Routes that answer without a key. */
const OPEN = /^\/($|health\/|openapi\.json$|docs(\/|$))/;

/** True for routes that need no key. @param route pattern of the route */
export const isOpen = (route: string): boolean => OPEN.test(route);

/**
 * Finds out who sends a request.
 * @throws DomainError `auth.missing`, `auth.invalid`
 */
export async function authenticate(keys: ApiKeys, authorization: string | undefined): Promise<Principal> {
  if (authorization === undefined) {
    throw new DomainError('auth.missing', 'forbidden', 'send a key: Authorization: Bearer KEY');
  }
  const text = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (text === undefined) {
    throw new DomainError('auth.invalid', 'forbidden', 'Authorization must be: Bearer KEY');
  }
  const principal = await keys.authenticate(text);
  if (principal) return principal;
  throw new DomainError('auth.invalid', 'forbidden', 'this key is unknown, revoked or expired');
}
