import type { CommandRequest } from '@guanxi/commanding';
import { NeedsRole, inputInvalid, principalOf, validateInput } from '@guanxi/commanding';
import type { Skipped } from '@guanxi/projections';
import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { LetterList } from './dead-letter-office';
import { DeadLetterOffice } from './dead-letter-office';
import { LettersInput, RetryInput, SkipInput } from './dead-letters.input';
import type { LetterDetail, LetterRetried } from './letters';

/** Parked keys for operators who have no way to the database. What events say is not told here: it is personal data. */
@Controller('v1/operations/dead-letters')
export class DeadLettersController {
  constructor(@Inject(DeadLetterOffice) private readonly office: DeadLetterOffice) {}

  @Get()
  @NeedsRole('operate')
  async list(@Query() query: unknown): Promise<LetterList> {
    return this.office.list(validateInput(LettersInput, query));
  }

  @Get(':key')
  @NeedsRole('operate')
  async show(
    @Param('key') key: string,
    @Query() query: unknown,
  ): Promise<{ readonly items: readonly LetterDetail[] }> {
    return { items: await this.office.show(key, validateInput(LettersInput, query)) };
  }

  @Post('retry')
  @HttpCode(200)
  @NeedsRole('operate')
  async retry(@Req() request: CommandRequest): Promise<{ readonly items: readonly LetterRetried[] }> {
    const { all, ...meant } = validateInput(RetryInput, request.body ?? {});
    if (all !== true && Object.values(meant).every((part) => part === undefined)) {
      const message = 'name a key, or a source, model or policy for all of it, or send all: true';
      throw inputInvalid([{ field: 'all', rule: 'oneOf', pointer: '/all', message }]);
    }
    return { items: await this.office.retry(meant) };
  }

  @Post(':key/skip')
  @HttpCode(200)
  @NeedsRole('operate')
  skip(@Param('key') key: string, @Req() request: CommandRequest): Promise<Skipped> {
    const order = validateInput(SkipInput, request.body ?? {});
    return this.office.skip({ ...order, key, actor: principalOf(request).actor });
  }
}
