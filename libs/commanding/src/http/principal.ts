import { DomainError } from '@guanxi/kernel';
import type { Role } from '../command-spec';

/** Who is behind a request. */
export interface Principal {
  /** As events and logs name him: never a name of a person. */
  readonly actor: string;
  readonly tenant: string;
  readonly roles: ReadonlySet<Role>;
}

/** What the command routes read of a request; authentication has put the principal there. */
export interface CommandRequest {
  readonly id: string;
  readonly principal?: Principal;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The principal of a request behind authentication. */
export function principalOf({ principal }: Pick<CommandRequest, 'principal'>): Principal {
  if (principal) return principal;
  throw new DomainError('auth.missing', 'forbidden', 'send Authorization: Bearer KEY');
}

/**
 * Refuses who has none of the roles.
 * @throws DomainError `auth.role-missing` naming them
 */
export function requireRole(principal: Principal, roles: readonly Role[]): void {
  if (roles.some((role) => principal.roles.has(role))) return;
  throw new DomainError(
    'auth.role-missing',
    'forbidden',
    `this needs a key with the role ${roles.join(' or ')}`,
    {
      needs: roles,
    },
  );
}
