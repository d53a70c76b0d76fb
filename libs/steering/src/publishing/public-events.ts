import type { Publication } from '@guanxi/publishing';
import { publicCurrency, publicEventsOf, publicUuid, publicMoney } from '@guanxi/publishing';
import { Type } from '@sinclair/typebox';
import type { DepartmentEvent } from '../domain/department';
import type { ExchangeRateEvent } from '../domain/exchange-rate';
import type { ProductEvent } from '../domain/product';
import type { SellerEvent } from '../domain/seller';
import samples from '../domain/steering.samples.json';

const publishProduct = publicEventsOf<ProductEvent>('product');
const publishSeller = publicEventsOf<SellerEvent>('seller');
const publishDepartment = publicEventsOf<DepartmentEvent>('department');
const publishRate = publicEventsOf<ExchangeRateEvent>('rate');

const Name = Type.String({ description: 'Name of the product.' });
const Code = Type.String({
  description: 'Code of the product; lines of purchases name the product by it.',
});
const Family = Type.String({ description: 'Family of products to which it belongs, by name.' });
const ListPrice = publicMoney('Price of the product by the list.');

/**
 * What the world is told of products, sellers, departments and exchange rates. Products and departments are things of
 * ours, not people: their names are told, or nobody could make anything of an id; so are products' codes. Custom fields
 * and reasons are free texts and stay in. A seller is a person: name, number, manager, region and department stay in, and
 * what is left is that an id came into use or went out of it. A revision of these is nobody's business.
 */
export const steeringPublication: Publication = {
  topic: {
    name: 'guanxi.steering',
    title: 'Steering',
    description:
      'What the business is steered by: products, departments, exchange rates, and ids of sellers. Keyed by each of these.',
    partitions: 3,
    retentionDays: 365,
  },
  samples,
  events: [
    publishProduct('product-defined.v1', {
      summary: 'A product came onto the list.',
      schema: Type.Object({
        name: Name,
        code: Type.Optional(Code),
        family: Type.Optional(Family),
        listPrice: Type.Optional(ListPrice),
      }),
      map: ({ data: { name, externalRef, family, listPrice } }) => ({
        name,
        ...(externalRef !== undefined && { code: externalRef }),
        ...(family !== undefined && { family }),
        ...(listPrice !== undefined && { listPrice }),
      }),
    }),
    publishProduct('product-revised.v1', {
      summary: 'What is said of a product changed; fields that are absent did not.',
      schema: Type.Object({
        name: Type.Optional(Name),
        code: Type.Optional(Code),
        family: Type.Optional(Family),
        listPrice: Type.Optional(ListPrice),
      }),
      map: ({ data: { name, externalRef, family, listPrice } }) => {
        const told = {
          ...(name !== undefined && { name }),
          ...(externalRef !== undefined && { code: externalRef }),
          ...(family !== undefined && { family }),
          ...(listPrice !== undefined && { listPrice }),
        };
        // New custom fields alone are nobody's business.
        return Object.keys(told).length === 0 ? undefined : told;
      },
    }),
    publishProduct('product-retired.v1', {
      summary: 'A product went off the list.',
      schema: Type.Object({}),
      map: () => ({}),
    }),
    publishSeller('seller-defined.v1', {
      summary: 'The id of a seller came into use; owners of customers, deals and complaints are such ids.',
      schema: Type.Object({}),
      map: () => ({}),
    }),
    publishSeller('seller-left.v1', {
      summary: 'The id of a seller went out of use: what it owned will go to others.',
      schema: Type.Object({}),
      map: () => ({}),
    }),
    publishDepartment('department-defined.v1', {
      summary: 'A department came onto the list.',
      schema: Type.Object({
        name: Type.String({ description: 'Name of the department.' }),
        parentId: Type.Optional(
          publicUuid('Id of the department to which it belongs; absent: it belongs to none.'),
        ),
      }),
      map: ({ data: { name, parent } }) => ({
        name,
        ...(parent !== undefined && { parentId: parent }),
      }),
    }),
    publishRate('exchange-rate-recorded.v1', {
      summary:
        'From this moment on, one unit of the base currency costs so many units of the quote currency.',
      schema: Type.Object({
        base: publicCurrency('Currency of which one unit is priced.'),
        quote: publicCurrency('Currency in which it is priced.'),
        rate: Type.String({
          pattern: '^\\d{1,12}(\\.\\d{1,8})?$',
          description:
            'Whole units of the quote currency for one of the base; a decimal number as text, so that none of it is lost.',
        }),
      }),
      map: ({ data: { base, quote, rate } }) => ({ base, quote, rate }),
    }),
  ],
};
