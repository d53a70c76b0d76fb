import type { CommandMeta, Decision, Instant } from '@guanxi/kernel';
import { invalidField, parseInstant } from '@guanxi/kernel';
import { compact, sameValue } from './profile';
import type { Purchase, RecordedPurchase } from './purchase';
import { totalsOf } from './purchase';
import type { PurchaseEvent, PurchaseLine, RefundLine } from './purchase-events';
import { correctedBelowRefunds, purchaseExists, purchaseUnknown } from './refusals';
import { refundOf } from './refunds';
import type { PurchaseKind } from './vocabulary';

type PurchaseDecision = Decision<Purchase, PurchaseEvent>;

export interface RecordPurchaseInput {
  readonly customerId: string;
  readonly kind?: PurchaseKind;
  readonly lines: readonly PurchaseLine[];
  readonly currency: string;
  readonly channel?: string;
  readonly selectionMinutes?: number;
  readonly externalRef?: string;
  readonly assumed?: readonly string[];
}

/** A sale, or with kind `return` a credit note that names no original. */
export const recordPurchase =
  ({ customerId, kind = 'sale', lines, currency, ...rest }: RecordPurchaseInput): PurchaseDecision =>
  (purchase) => {
    if (purchase.status !== 'unrecorded') throw purchaseExists();
    checkLines(kind, lines);
    const { channel, selectionMinutes, externalRef, assumed } = rest;
    return [
      {
        type: 'purchase-recorded.v1',
        data: compact({
          customerId,
          kind,
          lines: [...lines],
          currency,
          channel,
          selectionMinutes,
          externalRef,
          ...(assumed && assumed.length > 0 ? { assumed: [...assumed] } : {}),
        }),
      },
    ];
  };

export interface CorrectPurchaseInput {
  readonly lines?: readonly PurchaseLine[];
  /** When it really was bought (RFC 3339). */
  readonly purchasedAt?: string;
  readonly reason: string;
}

/**
 * Says what was really bought, or when. Corrected content holds from the purchase's own moment on; a purchase that
 * moves takes its earlier corrections along.
 */
export const correctPurchase =
  (input: CorrectPurchaseInput, { now }: Pick<CommandMeta, 'now'>): PurchaseDecision =>
  (state) => {
    const purchase = recorded(state);
    const { lines, reason } = input;
    if (lines === undefined && input.purchasedAt === undefined) {
      throw invalidField('lines', 'required', 'a correction names lines or purchasedAt');
    }
    const to =
      input.purchasedAt === undefined ? purchase.purchasedAt : parseInstant(input.purchasedAt, 'purchasedAt');
    return [...redated(purchase, to, reason, now), ...corrected(purchase, lines, to, reason)];
  };

export interface RefundPurchaseInput {
  readonly lines?: readonly RefundLine[];
  readonly amount?: number;
  readonly reason?: string;
}

/** Gives money back, by line, by amount, or all that is left; never more than is left. */
export const refundPurchase =
  (input: RefundPurchaseInput): PurchaseDecision =>
  (state) => {
    const refund = refundOf(recorded(state), input);
    if (!refund) return [];
    return [{ type: 'purchase-refunded.v1', data: compact({ ...refund, reason: input.reason }) }];
  };

function recorded(purchase: Purchase): RecordedPurchase {
  if (purchase.status === 'unrecorded') throw purchaseUnknown();
  return purchase;
}

function redated(purchase: RecordedPurchase, to: Instant, reason: string, now: Instant): PurchaseEvent[] {
  const { purchasedAt, customerId, contentRevisions, firstRefundAt } = purchase;
  if (to === purchasedAt) return [];
  if (to > now) throw invalidField('purchasedAt', 'notInFuture', 'must not lie in the future');
  if (firstRefundAt !== undefined && to > firstRefundAt) {
    throw invalidField(
      'purchasedAt',
      'notAfterRefund',
      `must not lie after the first refund at ${firstRefundAt}`,
    );
  }
  return contentRevisions.map((revision) => ({
    type: 'purchase-redated.v1',
    at: to,
    data: { customerId, redates: { revision, to }, reason },
  }));
}

function corrected(
  purchase: RecordedPurchase,
  lines: readonly PurchaseLine[] | undefined,
  at: Instant,
  reason: string,
): PurchaseEvent[] {
  if (lines === undefined || sameValue(lines, purchase.lines)) return [];
  checkLines(purchase.kind, lines);
  const { revenue } = totalsOf(lines);
  if (purchase.refunded > Math.max(revenue, 0)) throw correctedBelowRefunds(revenue, purchase.refunded);
  return [{ type: 'purchase-corrected.v1', at, data: { lines: [...lines], reason } }];
}

/** Rules that a schema cannot say: quantities are not 0, a return gives back, and sums stay exact. */
function checkLines(kind: PurchaseKind, lines: readonly PurchaseLine[]): void {
  let revenue = 0;
  let cost = 0;
  lines.forEach((line, index) => {
    if (line.quantity === 0) throw invalidField(`lines.${index}.quantity`, 'notZero', 'must not be 0');
    if (kind === 'return' && line.quantity > 0) {
      throw invalidField(`lines.${index}.quantity`, 'negative', 'must be below 0 in a return');
    }
    if (kind === 'return' && line.revenue > 0) {
      throw invalidField(`lines.${index}.revenue`, 'notPositive', 'must not be above 0 in a return');
    }
    revenue += Math.abs(line.revenue);
    cost += Math.abs(line.costOfGoods ?? 0);
  });
  if (!Number.isSafeInteger(revenue) || !Number.isSafeInteger(cost)) {
    throw invalidField(
      'lines',
      'sum',
      `amounts must add up to at most ${Number.MAX_SAFE_INTEGER} minor units`,
    );
  }
}
