import type { Decider, Decision, EventOf } from '@guanxi/kernel';
import { conflict, event, notFound } from '@guanxi/kernel';
import type { Static } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import { differences, present, sameFields } from './fields';

const SellerFields = Type.Object({
  name: Type.String(),
  externalRef: Type.Optional(Type.String()),
  department: Type.Optional(Type.String()),
  region: Type.Optional(Type.String()),
  manager: Type.Optional(Type.String()),
});

/** What is known of a seller. Names are personal data of colleagues. */
export type SellerFields = Static<typeof SellerFields>;

export const sellerEvents = [
  event('seller-defined.v1', SellerFields),
  event('seller-revised.v1', Type.Partial(SellerFields)),
  event('seller-left.v1', Type.Object({ reason: Type.Optional(Type.String()) })),
] as const;

export type SellerEvent = EventOf<typeof sellerEvents>;

/** A seller as decisions see it. */
export type Seller =
  { readonly status: 'none' } | { readonly status: 'active' | 'left'; readonly fields: SellerFields };

export const sellerDecider: Decider<Seller, SellerEvent> = {
  initial: { status: 'none' },
  evolve: (seller, happened) => {
    switch (happened.type) {
      case 'seller-defined.v1':
        return { status: 'active', fields: happened.data };
      case 'seller-revised.v1':
        return seller.status === 'none'
          ? seller
          : { ...seller, fields: { ...seller.fields, ...happened.data } };
      case 'seller-left.v1':
        return seller.status === 'none' ? seller : { ...seller, status: 'left' };
    }
  },
};

/** Puts a seller on the list. @throws DomainError `seller.exists` */
export const defineSeller =
  (input: SellerFields): Decision<Seller, SellerEvent> =>
  (seller) => {
    if (seller.status === 'none') return [{ type: 'seller-defined.v1', data: present(input) }];
    if (sameFields(seller.fields, input)) return [];
    throw conflict('seller.exists', 'this seller is defined already; revise to change');
  };

/**
 * Changes what is said of a seller; a move to another region, department or manager is history.
 * @throws DomainError `seller.unknown`, `seller.left`
 */
export const reviseSeller =
  (input: Partial<SellerFields>): Decision<Seller, SellerEvent> =>
  (seller) => {
    const { fields, status } = known(seller);
    const changes = differences(fields, input);
    if (Object.keys(changes).length === 0) return [];
    if (status === 'left') throw conflict('seller.left', 'this seller has left and is not revised any more');
    return [{ type: 'seller-revised.v1', data: changes }];
  };

/** A seller leaves; deals and customers keep the name. @throws DomainError `seller.unknown` */
export const releaseSeller =
  (input: { readonly reason?: string }): Decision<Seller, SellerEvent> =>
  (seller) =>
    known(seller).status === 'left' ? [] : [{ type: 'seller-left.v1', data: present({ ...input }) }];

function known(seller: Seller): Exclude<Seller, { status: 'none' }> {
  if (seller.status === 'none') throw notFound('seller.unknown', 'there is no such seller');
  return seller;
}
