import type { Happened, Instant, Money } from '@guanxi/kernel';
import { idOf } from '@guanxi/kernel';
import type { ReadModel, Snapshot } from '@guanxi/projections';
import { selectList } from '@guanxi/projections';
import type { Page } from '@guanxi/querying';
import { Filters, ListParameters, page } from '@guanxi/querying';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { ProductEvent } from '../domain/product';
import { productEvents, revisedProduct } from '../domain/product';
import { productWords } from './product-words';

/** A product as it stands. */
export interface ProductRow {
  readonly name: string;
  readonly externalRef?: string;
  readonly family?: string;
  readonly listPrice?: Money;
  readonly attributes?: Record<string, string | number | boolean>;
  readonly status: 'active' | 'retired';
  readonly definedAt: Instant;
  readonly retiredAt?: Instant;
}

export const products: ReadModel<ProductRow, ProductEvent, never> = {
  name: 'products',
  words: productWords,
  version: 1,
  types: productEvents.map(({ type }) => type),
  keyOf: ({ stream }) => idOf(stream),
  columns: {
    name: 'text',
    externalRef: 'text',
    family: 'text',
    listPrice: 'jsonb',
    attributes: 'jsonb',
    status: 'text',
    definedAt: 'timestamptz',
    retiredAt: 'timestamptz',
  },
  evolve: (row, event) =>
    event.type === 'product-defined.v1'
      ? { ...event.data, status: 'active', definedAt: event.at }
      : row && evolve(row, event),
  indexes: [
    { name: 'ref', table: 'current', on: '(external_ref)' },
    { name: 'name', table: 'current', on: '(name, id)' },
  ],
};

function evolve(row: ProductRow, event: Happened<ProductEvent>): ProductRow {
  switch (event.type) {
    case 'product-defined.v1':
      return row;
    case 'product-revised.v1':
      return revisedProduct(row, event.data);
    case 'product-retired.v1':
      return { ...row, status: 'retired', retiredAt: event.at };
  }
}

export class ProductParameters extends ListParameters {
  /** Name begins with this text. */
  @IsOptional() @IsString() @MaxLength(200) readonly name?: string;
  @IsOptional() @IsString() @MaxLength(200) readonly externalRef?: string;
  @IsOptional() @IsString() @MaxLength(200) readonly family?: string;
  @IsOptional() @IsIn(['active', 'retired']) readonly status?: ProductRow['status'];
}

type ProductItem = ProductRow & { readonly id: string };

/** One page of the product list. */
export const listProducts = (snapshot: Snapshot, parameters: ProductParameters): Promise<Page<ProductItem>> =>
  page<ProductItem>(snapshot, {
    from: `${snapshot.of(products)} p`,
    select: `p.id, ${selectList(products.columns, 'p.')}`,
    filters: new Filters()
      .prefix('p.name', parameters.name)
      .equals('p.external_ref', parameters.externalRef)
      .equals('p.family', parameters.family)
      .equals('p.status', parameters.status),
    sortable: {
      name: { column: 'p.name', type: 'text' },
      family: { column: 'p.family', type: 'text' },
      definedAt: { column: 'p.defined_at', type: 'timestamptz' },
    },
    defaultSort: 'name',
    parameters,
    idColumn: 'p.id',
  });
