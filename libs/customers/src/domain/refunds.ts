import { invalidField } from '@guanxi/kernel';
import type { RecordedPurchase } from './purchase';
import { totalsOf } from './purchase';
import type { RefundLine } from './purchase-events';
import { purchaseNotRefundable, refundExceeds } from './refusals';

/** Two quantities that differ by less are the same: what remains of sums of fractions. */
const QUANTITY_TOLERANCE = 1e-9;

/** What is given back, in minor units; none when everything has been given back already. */
export function refundOf(
  purchase: RecordedPurchase,
  { lines, amount }: { readonly lines?: readonly RefundLine[]; readonly amount?: number },
): { amount: number; lines?: RefundLine[] } | undefined {
  if (lines !== undefined && amount !== undefined) {
    throw invalidField('amount', 'eitherLinesOrAmount', 'a refund names lines or an amount, not both');
  }
  if (purchase.kind === 'return') throw purchaseNotRefundable();
  const left = Math.max(totalsOf(purchase.lines).revenue, 0) - purchase.refunded;
  if (lines === undefined) return refundOfAmount(amount, left);
  const asked = lines.reduce((sum, { revenue }) => sum + revenue, 0);
  requireLinesLeft(purchase, lines);
  if (asked > left) throw refundExceeds({ asked, left });
  return { amount: asked, lines: [...lines] };
}

function refundOfAmount(amount: number | undefined, left: number): { amount: number } | undefined {
  if (amount === undefined) return left > 0 ? { amount: left } : undefined;
  if (amount > left) throw refundExceeds({ asked: amount, left });
  return { amount };
}

/** Of each product no more pieces and no more money than were sold and not yet given back. */
function requireLinesLeft(purchase: RecordedPurchase, asked: readonly RefundLine[]): void {
  const sold = sumsByProduct(purchase.lines);
  const back = sumsByProduct([...purchase.refundedLines, ...asked]);
  for (const { product } of asked) {
    const before = sold.get(product) ?? { quantity: 0, revenue: 0 };
    const after = back.get(product) ?? { quantity: 0, revenue: 0 };
    if (after.quantity > before.quantity + QUANTITY_TOLERANCE || after.revenue > before.revenue) {
      throw refundExceeds({ product, sold: before, refunded: after });
    }
  }
}

function sumsByProduct(lines: readonly RefundLine[]): Map<string, { quantity: number; revenue: number }> {
  const sums = new Map<string, { quantity: number; revenue: number }>();
  for (const { product, quantity, revenue } of lines) {
    const sum = sums.get(product) ?? { quantity: 0, revenue: 0 };
    sums.set(product, { quantity: sum.quantity + quantity, revenue: sum.revenue + revenue });
  }
  return sums;
}
