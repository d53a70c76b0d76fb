import type { Context } from '@guanxi/platform';
import { EventsController } from './http/events.controller';

/** The event list over whatever contexts there are: it writes nothing, decides nothing and keeps no table. */
export const historyContext: Context = {
  name: 'history',
  events: [],
  commands: [],
  readModels: [],
  controllers: [EventsController],
};
