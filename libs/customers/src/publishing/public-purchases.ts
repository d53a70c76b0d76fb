import type { Publication } from '@guanxi/publishing';
import {
  PublicAssumed,
  PublicCustomerId,
  PublicRevision,
  oneOfWords,
  publicCurrency,
  publicEventsOf,
  publicInstant,
} from '@guanxi/publishing';
import { Type } from '@sinclair/typebox';
import samples from '../domain/customers.samples.json';
import type { PurchaseEvent, PurchaseLine } from '../domain/purchase-events';
import { PURCHASE_KINDS } from '../domain/vocabulary';

const publish = publicEventsOf<PurchaseEvent>('purchase');

const product = Type.String({
  ...{ minLength: 1, maxLength: 100 },
  description: 'Code of the product, as in the field code of product-defined.',
});
const Line = Type.Object({
  product,
  quantity: Type.Number({
    description: 'Pieces, or another measure of the product; may be fractional. Below 0 in a return.',
  }),
  revenue: Type.Integer({
    description:
      "What the line brought in, in minor units of the purchase's currency. Not above 0 in a return.",
  }),
  costOfGoods: Type.Optional(
    Type.Integer({
      description:
        "What the goods of the line cost us, in minor units of the purchase's currency; absent where not known.",
    }),
  ),
  onPromotion: Type.Optional(
    Type.Boolean({
      description:
        'Whether the line was sold on promotion rather than at list price; absent where not known.',
    }),
  ),
});
const Lines = Type.Array(Line, {
  description: 'All lines of the purchase: each a product, how much of it, and for how much money.',
});
const RefundedLine = Type.Object({
  product,
  quantity: Type.Number({
    description: 'How much of the product was given back: pieces, or another measure; may be fractional.',
  }),
  revenue: Type.Integer({
    description: "Money given back for the line, in minor units of the purchase's currency.",
  }),
});

const lineOf = ({ product: code, quantity, revenue, costOfGoods, onPromotion }: PurchaseLine) => ({
  ...{ product: code, quantity, revenue },
  ...(costOfGoods !== undefined && { costOfGoods }),
  ...(onPromotion !== undefined && { onPromotion }),
});

/**
 * What the world is told of purchases, in a topic of its own: there are many more of them than of customers, under keys
 * of their own, and most who read one do not read the other. Product codes are needed to make anything of a line and name
 * no person. Channels, reasons and external references are free texts and stay in.
 */
export const purchasePublication: Publication = {
  topic: {
    name: 'guanxi.purchases',
    title: 'Purchases',
    description: 'What customers bought and gave back, line by line, and corrections. Keyed by purchase.',
    partitions: 12,
    retentionDays: 30,
  },
  samples,
  events: [
    publish('purchase-recorded.v1', {
      summary: 'A customer bought something, or gave something back without naming the purchase.',
      schema: Type.Object({
        customerId: PublicCustomerId,
        kind: oneOfWords(
          PURCHASE_KINDS,
          'Whether the customer bought (sale) or gave something back without naming the purchase (return).',
        ),
        lines: Lines,
        currency: publicCurrency('Currency of all amounts of the purchase, also of its refunds.'),
        selectionMinutes: Type.Optional(
          Type.Number({
            description: 'How long the customer took to choose, in minutes; absent where not known.',
          }),
        ),
        assumed: PublicAssumed,
      }),
      map: ({ data: { customerId, kind, lines, currency, selectionMinutes, assumed } }) => ({
        ...{ customerId, kind, lines: lines.map(lineOf), currency },
        ...(selectionMinutes !== undefined && { selectionMinutes }),
        ...(assumed !== undefined && { assumed: true }),
      }),
    }),
    publish('purchase-corrected.v1', {
      summary: 'What was recorded of a purchase was wrong: these have been its lines from its beginning.',
      schema: Type.Object({ lines: Lines }),
      map: ({ data: { lines } }) => ({ lines: lines.map(lineOf) }),
    }),
    publish('purchase-redated.v1', {
      summary: 'An earlier event of this purchase happened at another moment than was recorded.',
      schema: Type.Object({
        customerId: PublicCustomerId,
        revision: PublicRevision,
        to: publicInstant('When that event really happened.'),
      }),
      map: ({ data: { customerId, redates } }) => ({
        customerId,
        revision: redates.revision,
        to: redates.to,
      }),
    }),
    publish('purchase-refunded.v1', {
      summary: 'Money was given back for a purchase.',
      schema: Type.Object({
        amount: Type.Integer({
          minimum: 0,
          description: "Money given back this time, in minor units of the purchase's currency.",
        }),
        lines: Type.Optional(
          Type.Array(RefundedLine, {
            description: 'What was given back, line by line; absent where only a sum of money was.',
          }),
        ),
      }),
      map: ({ data: { amount, lines } }) => ({
        amount,
        ...(lines !== undefined && {
          lines: lines.map(({ product: code, quantity, revenue }) => ({ product: code, quantity, revenue })),
        }),
      }),
    }),
  ],
};
