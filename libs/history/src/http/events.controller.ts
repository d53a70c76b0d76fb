import type { EventStore } from '@guanxi/event-store';
import { EVENT_STORE } from '@guanxi/platform';
import type { Asked } from '@guanxi/projections';
import { Queries } from '@guanxi/projections';
import { Answers, AskedFor, Parameters } from '@guanxi/querying';
import { Controller, Get, Inject } from '@nestjs/common';
import { EventParameters, listEvents } from '../read/event-list';

/** The events behind every figure. */
@Controller('v1/events')
export class EventsController {
  constructor(
    @Inject(Queries) private readonly queries: Queries,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  @Get()
  @Answers({
    summary:
      'Stored events in the order of the log: all, of a stream, of a type, or of all that concerns a customer',
    role: 'audit',
    rows: 'items',
  })
  list(@AskedFor() asked: Asked, @Parameters(EventParameters) parameters: EventParameters) {
    return listEvents(this.queries, this.store, asked, parameters);
  }
}
