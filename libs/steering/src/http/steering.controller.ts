import type { Asked } from '@guanxi/projections';
import { Queries } from '@guanxi/projections';
import { Answers, AskedFor, Parameters } from '@guanxi/querying';
import { Controller, Get, Inject, Param, ParseUUIDPipe } from '@nestjs/common';
import { DepartmentParameters, departments, listDepartments } from '../read/departments';
import { ExchangeRateParameters, exchangeRates, listExchangeRates } from '../read/exchange-rates';
import { one } from '../read/one';
import { ProductParameters, listProducts, products } from '../read/products';
import { SellerParameters, listSellers, sellers } from '../read/sellers';

/** Lists of what steers the business: products, sellers, departments, exchange rates. */
@Controller('v1')
export class SteeringController {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Get('products')
  @Answers({ summary: 'The list of products', rows: 'items' })
  products(@AskedFor() asked: Asked, @Parameters(ProductParameters) parameters: ProductParameters) {
    return this.queries.answer([products], asked, (snapshot) => listProducts(snapshot, parameters));
  }

  @Get('products/:id')
  @Answers({ summary: 'One product' })
  product(@AskedFor() asked: Asked, @Param('id', ParseUUIDPipe) id: string) {
    return this.queries.answer([products], asked, (snapshot) => one(snapshot, products, id, 'product'));
  }

  @Get('sellers')
  @Answers({
    summary: 'The list of sellers, each with department, region and manager of the moment',
    rows: 'items',
  })
  sellers(@AskedFor() asked: Asked, @Parameters(SellerParameters) parameters: SellerParameters) {
    return this.queries.answer([sellers], asked, (snapshot) => listSellers(snapshot, parameters));
  }

  @Get('sellers/:id')
  @Answers({ summary: 'One seller' })
  seller(@AskedFor() asked: Asked, @Param('id', ParseUUIDPipe) id: string) {
    return this.queries.answer([sellers], asked, (snapshot) => one(snapshot, sellers, id, 'seller'));
  }

  @Get('departments')
  @Answers({ summary: 'The list of departments', rows: 'items' })
  departments(@AskedFor() asked: Asked, @Parameters(DepartmentParameters) parameters: DepartmentParameters) {
    return this.queries.answer([departments], asked, (snapshot) => listDepartments(snapshot, parameters));
  }

  @Get('departments/:id')
  @Answers({ summary: 'One department' })
  department(@AskedFor() asked: Asked, @Param('id', ParseUUIDPipe) id: string) {
    return this.queries.answer([departments], asked, (snapshot) =>
      one(snapshot, departments, id, 'department'),
    );
  }

  @Get('exchange-rates')
  @Answers({ summary: 'The exchange rates on record, the newest first', rows: 'items' })
  exchangeRates(
    @AskedFor() asked: Asked,
    @Parameters(ExchangeRateParameters) parameters: ExchangeRateParameters,
  ) {
    return this.queries.answer([exchangeRates], asked, (snapshot) => listExchangeRates(snapshot, parameters));
  }

  @Get('exchange-rates/:id')
  @Answers({ summary: 'One recorded exchange rate' })
  exchangeRate(@AskedFor() asked: Asked, @Param('id', ParseUUIDPipe) id: string) {
    return this.queries.answer([exchangeRates], asked, (snapshot) =>
      one(snapshot, exchangeRates, id, 'exchange-rate'),
    );
  }
}
