import type { CommandRequest, Role } from '@guanxi/commanding';
import { ROLE, principalOf, requireRole } from '@guanxi/commanding';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

/** A route that is open to every caller, key or not. */
export const OPEN_ROUTE = 'guanxi:open-route';

/** Lets a request pass whose key has the role of the route. A route that names none is closed. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const places = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(OPEN_ROUTE, places)) return true;
    const roles = this.reflector.getAllAndOverride<readonly Role[] | undefined>(ROLE, places) ?? [];
    requireRole(principalOf(context.switchToHttp().getRequest<CommandRequest>()), roles);
    return true;
  }
}
