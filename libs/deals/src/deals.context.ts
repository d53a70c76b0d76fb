import type { Context } from '@guanxi/platform';
import { dealCommands } from './commands/commands';
import { dealEvents } from './domain/events';
import { DealsController } from './http/deals.controller';
import { PipelineController } from './http/pipeline.controller';
import { dealPublication } from './publishing/public-events';
import { deals } from './read/deals';

/** Deals: the prospect management system with its board, waterfall and flow. */
export const dealsContext: Context = {
  name: 'deals',
  events: dealEvents,
  commands: dealCommands,
  readModels: [deals],
  controllers: [DealsController, PipelineController],
  publishes: [dealPublication],
};
