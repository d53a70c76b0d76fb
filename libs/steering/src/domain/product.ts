import type { Decider, Decision, EventOf } from '@guanxi/kernel';
import { conflict, event, notFound } from '@guanxi/kernel';
import type { Static } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import { AttributesSchema, MoneySchema, differences, present, sameFields, withAttributes } from './fields';

const ProductFields = Type.Object({
  name: Type.String(),
  externalRef: Type.Optional(Type.String()),
  family: Type.Optional(Type.String()),
  listPrice: Type.Optional(MoneySchema),
  attributes: Type.Optional(AttributesSchema),
});

/** What is known of a product. */
export type ProductFields = Static<typeof ProductFields>;

export const productEvents = [
  event('product-defined.v1', ProductFields),
  event('product-revised.v1', Type.Partial(ProductFields)),
  event('product-retired.v1', Type.Object({ reason: Type.Optional(Type.String()) })),
] as const;

export type ProductEvent = EventOf<typeof productEvents>;

/** A product as decisions see it. */
export type Product =
  { readonly status: 'none' } | { readonly status: 'active' | 'retired'; readonly fields: ProductFields };

export const productDecider: Decider<Product, ProductEvent> = {
  initial: { status: 'none' },
  evolve: (product, happened) => {
    switch (happened.type) {
      case 'product-defined.v1':
        return { status: 'active', fields: happened.data };
      case 'product-revised.v1':
        return product.status === 'none'
          ? product
          : { ...product, fields: revisedProduct(product.fields, happened.data) };
      case 'product-retired.v1':
        return product.status === 'none' ? product : { ...product, status: 'retired' };
    }
  },
};

/** A product's fields after a revision: custom fields that it does not name stay as they were. */
export const revisedProduct = <F extends ProductFields>(fields: F, revision: Partial<ProductFields>): F =>
  present({ ...fields, ...revision, attributes: withAttributes(fields.attributes, revision.attributes) });

/** Puts a product on the list. @throws DomainError `product.exists` */
export const defineProduct =
  (input: ProductFields): Decision<Product, ProductEvent> =>
  (product) => {
    if (product.status === 'none') return [{ type: 'product-defined.v1', data: present(input) }];
    if (sameFields(product.fields, input)) return [];
    throw conflict('product.exists', 'this product is defined already; revise it to change it');
  };

/** Changes what is said of a product. @throws DomainError `product.unknown`, `product.retired` */
export const reviseProduct =
  (input: Partial<ProductFields>): Decision<Product, ProductEvent> =>
  (product) => {
    const { fields, status } = known(product);
    const wanted = { ...input, attributes: withAttributes(fields.attributes, input.attributes) };
    const changes = differences(fields, wanted);
    if (Object.keys(changes).length === 0) return [];
    if (status === 'retired') throw conflict('product.retired', 'a retired product is not revised any more');
    return [{ type: 'product-revised.v1', data: changes }];
  };

/** Takes a product off the list; what refers to it keeps its name. @throws DomainError `product.unknown` */
export const retireProduct =
  (input: { readonly reason?: string }): Decision<Product, ProductEvent> =>
  (product) =>
    known(product).status === 'retired' ? [] : [{ type: 'product-retired.v1', data: present({ ...input }) }];

function known(product: Product): Exclude<Product, { status: 'none' }> {
  if (product.status === 'none') throw notFound('product.unknown', 'there is no such product');
  return product;
}
