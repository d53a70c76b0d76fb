import type { SpeaksFor } from '@guanxi/projections';
import { Queries } from '@guanxi/projections';
import type { Asked } from '@guanxi/projections';
import { Answers, AskedFor, Parameters } from '@guanxi/querying';
import type { Page } from '@guanxi/querying';
import { Controller, Get, Inject, Param, ParseUUIDPipe } from '@nestjs/common';
import type { DealItem } from '../read/deal-list';
import { DealListParameters, dealList, oneDeal } from '../read/deal-list';
import { deals } from '../read/deals';

@Controller('v1/deals')
export class DealsController {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Get()
  @Answers({ summary: 'Deals, filtered and sorted, by page', rows: 'items' })
  list(
    @AskedFor() asked: Asked,
    @Parameters(DealListParameters) parameters: DealListParameters,
  ): Promise<SpeaksFor & Page<DealItem>> {
    return this.queries.answer([deals], asked, (snapshot) => dealList(snapshot, parameters));
  }

  @Get(':id')
  @Answers({ summary: 'One deal' })
  one(@AskedFor() asked: Asked, @Param('id', ParseUUIDPipe) id: string): Promise<SpeaksFor & DealItem> {
    return this.queries.answer([deals], asked, (snapshot) => oneDeal(snapshot, id));
  }
}
