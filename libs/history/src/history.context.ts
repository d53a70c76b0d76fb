import type { Context } from '@guanxi/platform';
import { EventsController } from './http/events.controller';
import { customerStreams } from './read/customer-streams';

/**
 * The event list over whatever contexts there are: it writes nothing and decides nothing.
 * @param contexts all contexts that write events
 */
export const historyOf = (contexts: readonly Context[]): Context => ({
  name: 'history',
  events: [],
  commands: [],
  readModels: [customerStreams(contexts.flatMap(({ events }) => events.map(({ type }) => type)))],
  controllers: [EventsController],
});
