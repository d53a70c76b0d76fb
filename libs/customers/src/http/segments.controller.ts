import type { Asked, SpeaksFor } from '@guanxi/projections';
import { Queries } from '@guanxi/projections';
import type { Page } from '@guanxi/querying';
import { Answers, AskedFor, Parameters } from '@guanxi/querying';
import { Controller, Get, Inject } from '@nestjs/common';
import { customers } from '../read/customers';
import { purchases } from '../read/purchases';
import type { Pyramid } from '../read/pyramid';
import { PyramidParameters, pyramid } from '../read/pyramid';
import type { Rfm, ScoredCustomer } from '../read/rfm';
import { RfmListParameters, RfmParameters, rfm, rfmCustomers } from '../read/rfm';

@Controller('v1/segments')
export class SegmentsController {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Get('pyramid')
  @Answers({
    summary: 'The customer pyramid: VIP, large, medium and small by gross profit or revenue of a period',
    rows: 'tiers',
  })
  pyramid(
    @AskedFor() asked: Asked,
    @Parameters(PyramidParameters) parameters: PyramidParameters,
  ): Promise<SpeaksFor & Pyramid> {
    return this.queries.answer([purchases], asked, (snapshot) => pyramid(snapshot, parameters));
  }

  @Get('rfm')
  @Answers({ summary: 'Named segments by recency, frequency and monetary value', rows: 'segments' })
  rfm(
    @AskedFor() asked: Asked,
    @Parameters(RfmParameters) parameters: RfmParameters,
  ): Promise<SpeaksFor & Rfm> {
    return this.queries.answer([purchases], asked, (snapshot) => rfm(snapshot, parameters));
  }

  @Get('rfm/customers')
  @Answers({ summary: 'Customers with their RFM scores, by page', rows: 'items' })
  rfmCustomers(
    @AskedFor() asked: Asked,
    @Parameters(RfmListParameters) parameters: RfmListParameters,
  ): Promise<SpeaksFor & Page<ScoredCustomer>> {
    return this.queries.answer([purchases, customers], asked, (snapshot) =>
      rfmCustomers(snapshot, parameters),
    );
  }
}
