import type { Asked } from '@guanxi/projections';
import { Queries } from '@guanxi/projections';
import { Answers, AskedFor, Parameters } from '@guanxi/querying';
import { Controller, Get, Inject, Param, ParseUUIDPipe } from '@nestjs/common';
import { ComplaintParameters, listComplaints, listModels, oneComplaint } from '../read/complaint-list';
import { complaints } from '../read/complaints';
import { FiguresParameters, figureModels, figures } from '../read/figures';

/** Complaints and their figures. */
@Controller('v1/complaints')
export class ComplaintsController {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Get()
  @Answers({ summary: 'Complaints, the latest filed first', rows: 'items' })
  list(@AskedFor() asked: Asked, @Parameters(ComplaintParameters) parameters: ComplaintParameters) {
    return this.queries.answer(listModels, asked, (snapshot) => listComplaints(snapshot, parameters));
  }

  @Get('figures')
  @Answers({
    summary: 'Timeliness, resolution and repetition of the complaints filed in a period',
    description: 'How the complaints filed from `from` on and before `to` stand at `asOf`.',
    rows: 'groups',
  })
  figures(@AskedFor() asked: Asked, @Parameters(FiguresParameters) parameters: FiguresParameters) {
    return this.queries.answer(figureModels, asked, (snapshot) => figures(snapshot, parameters));
  }

  @Get(':id')
  @Answers({ summary: 'One complaint, with what helps with a complainant of its type' })
  one(@AskedFor() asked: Asked, @Param('id', ParseUUIDPipe) id: string) {
    return this.queries.answer([complaints], asked, (snapshot) => oneComplaint(snapshot, id));
  }
}
