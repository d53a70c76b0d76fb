import type { CommandRequest } from '@guanxi/commanding';
import { NeedsRole, inputInvalid, principalOf, validateInput } from '@guanxi/commanding';
import type { DeadLetter, DeadLetterDetail, Retried, Skipped } from '@guanxi/projections';
import { DeadLetters } from '@guanxi/projections';
import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { RetryInput, SkipInput } from './dead-letters.input';

/** Parked keys for operators who have no way to the database. What events say is not told here: it is personal data. */
@Controller('v1/operations/dead-letters')
export class DeadLettersController {
  constructor(@Inject(DeadLetters) private readonly letters: DeadLetters) {}

  @Get()
  @NeedsRole('operate')
  async list(@Query('model') model?: string): Promise<{ readonly items: readonly DeadLetter[] }> {
    return { items: await this.letters.list(model === undefined ? {} : { model }) };
  }

  @Get(':key')
  @NeedsRole('operate')
  async show(
    @Param('key') key: string,
    @Query('model') model?: string,
  ): Promise<{ readonly items: readonly DeadLetterDetail[] }> {
    return { items: await this.letters.show(key, { model }) };
  }

  @Post('retry')
  @HttpCode(200)
  @NeedsRole('operate')
  async retry(@Req() request: CommandRequest): Promise<{ readonly items: readonly Retried[] }> {
    const { key, model, all } = validateInput(RetryInput, request.body ?? {});
    if (key === undefined && model === undefined && all !== true) {
      const message = 'name a key, or a model for all of it, or send all: true';
      throw inputInvalid([{ field: 'all', rule: 'oneOf', pointer: '/all', message }]);
    }
    const meant = { ...(key === undefined ? {} : { key }), ...(model === undefined ? {} : { model }) };
    return { items: await this.letters.retry(meant) };
  }

  @Post(':key/skip')
  @HttpCode(200)
  @NeedsRole('operate')
  skip(@Param('key') key: string, @Req() request: CommandRequest): Promise<Skipped> {
    const { reason, model } = validateInput(SkipInput, request.body ?? {});
    return this.letters.skip({ key, reason, model, actor: principalOf(request).actor });
  }
}
