import type { CommandRequest } from '@guanxi/commanding';
import { NeedsRole, ROLES, inputInvalid, principalOf, requireRole, validateInput } from '@guanxi/commanding';
import { Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { ApiKey } from './api-keys';
import { ApiKeys } from './api-keys';
import { NewApiKeyInput } from './new-api-key.input';

/** Keys of callers: make, list, revoke. */
@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(@Inject(ApiKeys) private readonly keys: ApiKeys) {}

  @Post()
  @HttpCode(201)
  @NeedsRole('operate')
  create(@Req() request: CommandRequest): Promise<ApiKey & { readonly key: string }> {
    const input = validateInput(NewApiKeyInput, request.body ?? {});
    const principal = principalOf(request);
    // Nobody hands out more than he has.
    for (const role of input.roles) requireRole(principal, [role]);
    if (input.expiresAt !== undefined && Date.parse(input.expiresAt) <= Date.now()) {
      throw inputInvalid([
        { field: 'expiresAt', rule: 'inFuture', pointer: '/expiresAt', message: 'must lie in the future' },
      ]);
    }
    return this.keys.create(input);
  }

  @Get()
  @NeedsRole('operate')
  async list(): Promise<{ readonly items: readonly ApiKey[]; readonly roles: readonly string[] }> {
    return { items: await this.keys.list(), roles: ROLES };
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @NeedsRole('operate')
  revoke(@Param('id') id: string): Promise<ApiKey> {
    return this.keys.revoke(id);
  }
}
