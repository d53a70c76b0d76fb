import { customers, purchases } from '@guanxi/customers';
import type { Asked, SpeaksFor } from '@guanxi/projections';
import { Queries } from '@guanxi/projections';
import { Answers, AskedFor, Parameters } from '@guanxi/querying';
import { exchangeRates, products, sellers } from '@guanxi/steering';
import { Controller, Get, Inject } from '@nestjs/common';
import type { BoardAnswer } from '../read/board';
import { board } from '../read/board';
import { deals } from '../read/deals';
import { DealSelection } from '../read/dimensions';
import type { FlowAnswer } from '../read/flow';
import { FlowParameters, flow } from '../read/flow';
import type { Waterfall } from '../read/waterfall';
import { WaterfallParameters, waterfall } from '../read/waterfall';

/** What figures of the pipeline rest on. */
const MODELS = [deals, customers, purchases, sellers, products, exchangeRates];

@Controller('v1/pipeline')
export class PipelineController {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Get('board')
  @Answers({ summary: 'Open deals by stage: number, value, weighted value, age, stalled', rows: 'stages' })
  board(
    @AskedFor() asked: Asked,
    @Parameters(DealSelection) selection: DealSelection,
  ): Promise<SpeaksFor & BoardAnswer> {
    return this.queries.answer(MODELS, asked, (snapshot) => board(snapshot, selection));
  }

  @Get('waterfall')
  @Answers({ summary: 'What changed between the boards of two moments', rows: 'movements' })
  waterfall(
    @AskedFor() asked: Asked,
    @Parameters(WaterfallParameters) parameters: WaterfallParameters,
  ): Promise<SpeaksFor & Waterfall> {
    return this.queries.answer(MODELS, asked, (snapshot) => waterfall(snapshot, parameters));
  }

  @Get('flow')
  @Answers({ summary: 'Win rate, cycle, conversion and time in stage of a period', rows: 'groups' })
  flow(
    @AskedFor() asked: Asked,
    @Parameters(FlowParameters) parameters: FlowParameters,
  ): Promise<SpeaksFor & FlowAnswer> {
    return this.queries.answer(MODELS, asked, (snapshot) => flow(snapshot, parameters));
  }
}
