import type { Asked, SpeaksFor } from '@guanxi/projections';
import { Queries } from '@guanxi/projections';
import type { Page } from '@guanxi/querying';
import { Answers, AskedFor, Parameters } from '@guanxi/querying';
import { Controller, Get, Inject, Param, ParseUUIDPipe } from '@nestjs/common';
import { customers } from '../read/customers';
import type { PurchaseItem } from '../read/purchase-list';
import { PurchaseListParameters, onePurchase, purchaseList } from '../read/purchase-list';
import type { PurchaseTotals } from '../read/purchase-totals';
import { PurchaseTotalsParameters, purchaseTotals } from '../read/purchase-totals';
import { purchases } from '../read/purchases';

@Controller('v1/purchases')
export class PurchasesController {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Get()
  @Answers({ summary: 'Purchases, filtered and sorted, by page', rows: 'items' })
  list(
    @AskedFor() asked: Asked,
    @Parameters(PurchaseListParameters) parameters: PurchaseListParameters,
  ): Promise<SpeaksFor & Page<PurchaseItem>> {
    return this.queries.answer([purchases], asked, (snapshot) => purchaseList(snapshot, parameters));
  }

  @Get('totals')
  @Answers({
    summary: 'What was bought in a period, by month, quarter, year, customer, channel or currency',
    description:
      'The period is [from, to). A return or refund counts when it happened, not when its purchase was made.',
    rows: 'groups',
  })
  totals(
    @AskedFor() asked: Asked,
    @Parameters(PurchaseTotalsParameters) parameters: PurchaseTotalsParameters,
  ): Promise<SpeaksFor & PurchaseTotals> {
    return this.queries.answer([purchases, customers], asked, (snapshot) =>
      purchaseTotals(snapshot, parameters),
    );
  }

  @Get(':id')
  @Answers({ summary: 'One purchase' })
  one(@AskedFor() asked: Asked, @Param('id', ParseUUIDPipe) id: string): Promise<SpeaksFor & PurchaseItem> {
    return this.queries.answer([purchases], asked, (snapshot) => onePurchase(snapshot, id));
  }
}
