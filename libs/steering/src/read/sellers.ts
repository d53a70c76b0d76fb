import type { Happened, Instant } from '@guanxi/kernel';
import { idOf } from '@guanxi/kernel';
import type { ReadModel, Snapshot } from '@guanxi/projections';
import { selectList } from '@guanxi/projections';
import type { Page } from '@guanxi/querying';
import { Filters, ListParameters, page } from '@guanxi/querying';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { SellerEvent } from '../domain/seller';
import { sellerEvents } from '../domain/seller';
import { sellerWords } from './seller-words';

/** A seller with the place in the organisation that they hold at the moment asked for. */
export interface SellerRow {
  readonly name: string;
  readonly externalRef?: string;
  readonly department?: string;
  readonly region?: string;
  readonly manager?: string;
  readonly status: 'active' | 'left';
  readonly definedAt: Instant;
  readonly leftAt?: Instant;
}

export const sellers: ReadModel<SellerRow, SellerEvent, never> = {
  name: 'sellers',
  words: sellerWords,
  version: 1,
  types: sellerEvents.map(({ type }) => type),
  keyOf: ({ stream }) => idOf(stream),
  columns: {
    name: 'text',
    externalRef: 'text',
    department: 'text',
    region: 'text',
    manager: 'text',
    status: 'text',
    definedAt: 'timestamptz',
    leftAt: 'timestamptz',
  },
  evolve: (row, event) =>
    event.type === 'seller-defined.v1'
      ? { ...event.data, status: 'active', definedAt: event.at }
      : row && evolve(row, event),
  indexes: [
    { name: 'ref', table: 'current', on: '(external_ref)' },
    { name: 'name', table: 'current', on: '(name, id)' },
  ],
};

function evolve(row: SellerRow, event: Happened<SellerEvent>): SellerRow {
  switch (event.type) {
    case 'seller-defined.v1':
      return row;
    case 'seller-revised.v1':
      return { ...row, ...event.data };
    case 'seller-left.v1':
      return { ...row, status: 'left', leftAt: event.at };
  }
}

export class SellerParameters extends ListParameters {
  /** Name begins with this text. */
  @IsOptional() @IsString() @MaxLength(200) readonly name?: string;
  @IsOptional() @IsString() @MaxLength(200) readonly externalRef?: string;
  @IsOptional() @IsString() @MaxLength(200) readonly department?: string;
  @IsOptional() @IsString() @MaxLength(200) readonly region?: string;
  @IsOptional() @IsString() @MaxLength(200) readonly manager?: string;
  @IsOptional() @IsIn(['active', 'left']) readonly status?: SellerRow['status'];
}

type SellerItem = SellerRow & { readonly id: string };

/** One page of the list of sellers. */
export const listSellers = (snapshot: Snapshot, parameters: SellerParameters): Promise<Page<SellerItem>> =>
  page<SellerItem>(snapshot, {
    from: `${snapshot.of(sellers)} s`,
    select: `s.id, ${selectList(sellers.columns, 's.')}`,
    filters: new Filters()
      .prefix('s.name', parameters.name)
      .equals('s.external_ref', parameters.externalRef)
      .equals('s.department', parameters.department)
      .equals('s.region', parameters.region)
      .equals('s.manager', parameters.manager)
      .equals('s.status', parameters.status),
    sortable: {
      name: { column: 's.name', type: 'text' },
      region: { column: 's.region', type: 'text' },
      department: { column: 's.department', type: 'text' },
      definedAt: { column: 's.defined_at', type: 'timestamptz' },
    },
    defaultSort: 'name',
    parameters,
    idColumn: 's.id',
  });
