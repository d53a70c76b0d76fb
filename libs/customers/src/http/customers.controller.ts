import type { Asked, SpeaksFor } from '@guanxi/projections';
import { Queries } from '@guanxi/projections';
import type { Page } from '@guanxi/querying';
import { Answers, AskedFor, Parameters } from '@guanxi/querying';
import { products, sellers } from '@guanxi/steering';
import { Controller, Get, Inject, Param, ParseUUIDPipe } from '@nestjs/common';
import type { ChurnHistory } from '../read/churn-history';
import { ChurnParameters, churnHistory } from '../read/churn-history';
import type { CustomerItem } from '../read/customer-list';
import { CustomerListParameters, customerList, oneCustomer } from '../read/customer-list';
import { customers } from '../read/customers';

@Controller('v1')
export class CustomersController {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Get('customers')
  @Answers({ summary: 'Customers, filtered and sorted, by page', rows: 'items' })
  list(
    @AskedFor() asked: Asked,
    @Parameters(CustomerListParameters) parameters: CustomerListParameters,
  ): Promise<SpeaksFor & Page<CustomerItem>> {
    return this.queries.answer([customers], asked, (snapshot) => customerList(snapshot, parameters));
  }

  @Get('customers/:id')
  @Answers({ summary: 'One customer' })
  one(@AskedFor() asked: Asked, @Param('id', ParseUUIDPipe) id: string): Promise<SpeaksFor & CustomerItem> {
    return this.queries.answer([customers], asked, (snapshot) => oneCustomer(snapshot, id));
  }

  @Get('churn/history')
  @Answers({
    summary: 'New, returned and lost customers of a period, the three churn rates, losses and their causes',
    description:
      'The period is [from, to): from on, before to; a day stands for its start in UTC. Groups are told by the customer as it was at the end of the period. opening + new + returned - lost = closing holds in the total and in each group.',
    rows: 'groups',
  })
  churn(
    @AskedFor() asked: Asked,
    @Parameters(ChurnParameters) parameters: ChurnParameters,
  ): Promise<SpeaksFor & ChurnHistory> {
    return this.queries.answer([customers, sellers, products], asked, (snapshot) =>
      churnHistory(snapshot, parameters),
    );
  }
}
