import { NeedsRole, validateInput } from '@guanxi/commanding';
import { Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import type { ListedDelivery } from '../inspection';
import type { ListedWebhook } from '../webhooks';
import { Webhooks } from '../webhooks';
import { DeliveriesInput } from './deliveries.input';

const LIMIT = 50;

/** Webhooks and their deliveries. Secrets are not told here, nor what was sent: that may be personal. */
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(@Inject(Webhooks) private readonly webhooks: Webhooks) {}

  @Get()
  @NeedsRole('operate')
  async list(): Promise<{ readonly items: readonly ListedWebhook[] }> {
    return { items: await this.webhooks.list() };
  }

  @Get(':id')
  @NeedsRole('operate')
  one(@Param('id', ParseUUIDPipe) id: string): Promise<ListedWebhook> {
    return this.webhooks.one(id);
  }

  @Get(':id/deliveries')
  @NeedsRole('operate')
  deliveries(
    @Param('id', ParseUUIDPipe) id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<{ readonly items: readonly ListedDelivery[]; readonly nextCursor: string | null }> {
    const { status, limit, cursor } = validateInput(DeliveriesInput, query);
    return this.webhooks.deliveries(id, {
      limit: limit === undefined ? LIMIT : Number(limit),
      ...(status !== undefined && { status }),
      ...(cursor !== undefined && { cursor }),
    });
  }

  @Post(':id/deliveries/:delivery/retry')
  @HttpCode(200)
  @NeedsRole('operate')
  retry(
    @Param('id', ParseUUIDPipe) id: string,
    @Param('delivery', ParseUUIDPipe) delivery: string,
  ): Promise<{ readonly id: string; readonly status: 'waiting' }> {
    return this.webhooks.retry(id, delivery);
  }
}
