import type { Static } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import type { EventOf } from '@guanxi/kernel';
import { event } from '@guanxi/kernel';
import { Assumed, CurrencyCode, Id, LongText, Moment, ShortText, oneOf } from './schemas';
import { PURCHASE_KINDS } from './vocabulary';

/** Most lines of one purchase. */
export const MAX_LINES = 5_000;

const closed = { additionalProperties: false };

/** A line of a purchase; amounts in minor units of the purchase's currency. */
export const PurchaseLine = Type.Object(
  {
    /** Code of the product: its externalRef. */
    product: Type.String({ minLength: 1, maxLength: 100 }),
    /** Pieces, or any other measure; may be fractional. */
    quantity: Type.Number(),
    revenue: Type.Integer(),
    costOfGoods: Type.Optional(Type.Integer()),
    onPromotion: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type PurchaseLine = Static<typeof PurchaseLine>;
export const PurchaseLines = Type.Array(PurchaseLine, { minItems: 1, maxItems: MAX_LINES });

/** What of a line is given back. */
export const RefundLine = Type.Object(
  {
    product: Type.String({ minLength: 1, maxLength: 100 }),
    quantity: Type.Number({ exclusiveMinimum: 0 }),
    revenue: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type RefundLine = Static<typeof RefundLine>;
export const RefundLines = Type.Array(RefundLine, { minItems: 1, maxItems: MAX_LINES });

export const purchaseEvents = [
  event(
    'purchase-recorded.v1',
    Type.Object({
      customerId: Id,
      kind: oneOf(PURCHASE_KINDS),
      lines: PurchaseLines,
      currency: CurrencyCode,
      channel: Type.Optional(ShortText),
      selectionMinutes: Type.Optional(Type.Number({ minimum: 0 })),
      externalRef: Type.Optional(ShortText),
      assumed: Type.Optional(Assumed),
    }),
  ),
  event('purchase-corrected.v1', Type.Object({ lines: PurchaseLines, reason: LongText })),
  event(
    'purchase-redated.v1',
    Type.Object({
      /** Also the customer's history changes: when it became active, and when it bought. */
      customerId: Id,
      redates: Type.Object({ revision: Type.Integer({ minimum: 0 }), to: Moment }),
      reason: LongText,
    }),
  ),
  event(
    'purchase-refunded.v1',
    Type.Object({
      amount: Type.Integer({ minimum: 0 }),
      lines: Type.Optional(RefundLines),
      reason: Type.Optional(LongText),
    }),
  ),
] as const;

export type PurchaseEvent = EventOf<typeof purchaseEvents>;
