import type { CommandRequest, Role } from '@guanxi/commanding';
import { ROLE, principalOf, requireRole } from '@guanxi/commanding';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

/** A route that is open to every caller, key or not. */
export const OPEN_ROUTE = 'guanxi:open-route';

interface Access {
  readonly isOpen: boolean;
  readonly roles: readonly Role[];
}

/** Lets a request pass whose key has the role of the route. A route that names none is closed. */
@Injectable()
export class RoleGuard implements CanActivate {
  private readonly known = new Map<unknown, Map<unknown, Access>>();

  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const { isOpen, roles } = this.accessOf(context);
    if (!isOpen) requireRole(principalOf(context.switchToHttp().getRequest<CommandRequest>()), roles);
    return true;
  }

  /** Decorators are done when a class is defined: what they say never changes. One handler may serve several classes. */
  private accessOf(context: ExecutionContext): Access {
    const handler = context.getHandler();
    const type = context.getClass();
    let handlers = this.known.get(type);
    if (!handlers) {
      handlers = new Map();
      this.known.set(type, handlers);
    }
    let access = handlers.get(handler);
    if (!access) {
      const places = [handler, type];
      access = {
        isOpen: this.reflector.getAllAndOverride<boolean | undefined>(OPEN_ROUTE, places) === true,
        roles: this.reflector.getAllAndOverride<readonly Role[] | undefined>(ROLE, places) ?? [],
      };
      handlers.set(handler, access);
    }
    return access;
  }
}
