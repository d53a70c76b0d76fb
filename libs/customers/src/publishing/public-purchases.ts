import type { Publication } from '@guanxi/publishing';
import {
  PublicAssumed,
  PublicCurrency,
  PublicId,
  PublicInstant,
  oneOfWords,
  publicEventsOf,
} from '@guanxi/publishing';
import { Type } from '@sinclair/typebox';
import samples from '../domain/customers.samples.json';
import type { PurchaseEvent, PurchaseLine } from '../domain/purchase-events';
import { PURCHASE_KINDS } from '../domain/vocabulary';

const publish = publicEventsOf<PurchaseEvent>('purchase');

const product = Type.String({ minLength: 1, maxLength: 100, description: 'Code of the product.' });
const Line = Type.Object({
  product,
  quantity: Type.Number({ description: 'Pieces, or another measure of the product; may be fractional.' }),
  revenue: Type.Integer({ description: "In minor units of the purchase's currency." }),
  costOfGoods: Type.Optional(Type.Integer({ description: "In minor units of the purchase's currency." })),
  onPromotion: Type.Optional(Type.Boolean()),
});
const RefundedLine = Type.Object({
  product,
  quantity: Type.Number(),
  revenue: Type.Integer({ description: "In minor units of the purchase's currency." }),
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
        customerId: PublicId,
        kind: oneOfWords(PURCHASE_KINDS),
        lines: Type.Array(Line),
        currency: PublicCurrency,
        selectionMinutes: Type.Optional(
          Type.Number({ description: 'How long the customer took to choose.' }),
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
      schema: Type.Object({ lines: Type.Array(Line) }),
      map: ({ data: { lines } }) => ({ lines: lines.map(lineOf) }),
    }),
    publish('purchase-redated.v1', {
      summary: 'An earlier event of this purchase happened at another moment than was recorded.',
      schema: Type.Object({
        customerId: PublicId,
        revision: Type.Integer({ minimum: 0, description: 'Which of its events, counted from 0.' }),
        to: PublicInstant,
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
        amount: Type.Integer({ minimum: 0, description: "In minor units of the purchase's currency." }),
        lines: Type.Optional(Type.Array(RefundedLine)),
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
