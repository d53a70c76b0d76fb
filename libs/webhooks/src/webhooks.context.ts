import { webhookCommands } from './commands/commands';
import { webhookEvents } from './domain/webhook';
import { WebhooksController } from './http/webhooks.controller';

/**
 * Webhooks: who is told of public events over HTTP. It is put together like any context, but what delivers is a part of
 * the product's own machinery, so that this library does not know the product's types.
 */
export const webhooksContext = {
  name: 'webhooks',
  events: webhookEvents,
  commands: webhookCommands,
  readModels: [],
  controllers: [WebhooksController],
};
