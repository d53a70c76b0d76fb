import type { Decider, Happened, Instant } from '@guanxi/kernel';
import type { PurchaseEvent, PurchaseLine, RefundLine } from './purchase-events';
import type { PurchaseKind } from './vocabulary';

/** What is known of a purchase: all that its decisions need. Amounts in minor units. */
export type Purchase =
  | { readonly status: 'unrecorded' }
  | {
      readonly status: 'recorded';
      readonly customerId: string;
      readonly kind: PurchaseKind;
      readonly lines: readonly PurchaseLine[];
      readonly purchasedAt: Instant;
      /** Revisions of the events that speak of the purchase's own moment and move with it. */
      readonly contentRevisions: readonly number[];
      readonly refunded: number;
      readonly refundedLines: readonly RefundLine[];
      readonly firstRefundAt?: Instant;
    };

/** A purchase that was made. */
export type RecordedPurchase = Exclude<Purchase, { readonly status: 'unrecorded' }>;

const unrecorded: Purchase = { status: 'unrecorded' };

function evolve(purchase: Purchase, event: Happened<PurchaseEvent>): Purchase {
  if (event.type === 'purchase-recorded.v1') {
    const { customerId, kind, lines } = event.data;
    return {
      status: 'recorded',
      customerId,
      kind,
      lines,
      purchasedAt: event.at,
      contentRevisions: [event.revision],
      refunded: 0,
      refundedLines: [],
    };
  }
  if (purchase.status === 'unrecorded') return purchase;
  switch (event.type) {
    case 'purchase-corrected.v1':
      return {
        ...purchase,
        lines: event.data.lines,
        contentRevisions: [...purchase.contentRevisions, event.revision],
      };
    case 'purchase-refunded.v1':
      return {
        ...purchase,
        refunded: purchase.refunded + event.data.amount,
        refundedLines: [...purchase.refundedLines, ...(event.data.lines ?? [])],
        firstRefundAt: purchase.firstRefundAt ?? event.at,
      };
    case 'purchase-redated.v1':
      return purchase;
  }
}

export const purchaseDecider: Decider<Purchase, PurchaseEvent> = { initial: unrecorded, evolve };

/** Sums over a purchase's lines; the cost is unknown as soon as one line's is. */
export function totalsOf(lines: readonly PurchaseLine[]): {
  readonly revenue: number;
  readonly quantity: number;
  readonly costOfGoods?: number;
} {
  let revenue = 0;
  let quantity = 0;
  let costOfGoods: number | undefined = 0;
  for (const line of lines) {
    revenue += line.revenue;
    quantity += line.quantity;
    costOfGoods =
      costOfGoods === undefined || line.costOfGoods === undefined
        ? undefined
        : costOfGoods + line.costOfGoods;
  }
  return costOfGoods === undefined ? { revenue, quantity } : { revenue, quantity, costOfGoods };
}
