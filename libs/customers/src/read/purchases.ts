import type { Happened, Instant } from '@guanxi/kernel';
import { idOf } from '@guanxi/kernel';
import type { Movements, ReadModel } from '@guanxi/projections';
import { totalsOf } from '../domain/purchase';
import type { PurchaseEvent } from '../domain/purchase-events';
import { purchaseEvents } from '../domain/purchase-events';
import type { PurchaseKind } from '../domain/vocabulary';
import { purchaseWords } from './purchase-words';

/** A purchase in sum; its lines are in its events. Amounts in minor units of `currency`. */
export interface PurchaseRow {
  readonly customerId: string;
  readonly kind: PurchaseKind;
  readonly purchasedAt: Instant;
  readonly revenue: number;
  /** Absent when the cost of a line is not known. */
  readonly costOfGoods?: number;
  readonly currency: string;
  readonly refunded: number;
  readonly quantity: number;
  readonly lineCount: number;
  readonly channel?: string;
  readonly externalRef?: string;
  readonly selectionMinutes?: number;
  readonly corrected?: boolean;
}

/** What one event adds to sums of purchases. */
export interface PurchaseMovement {
  readonly kind: 'purchase' | 'return' | 'refund' | 'correction';
  readonly customerId: string;
  /** 1 for a purchase and for a return, 0 for what only changes amounts. */
  readonly count: number;
  readonly revenue: number;
  /** Revenue less cost of goods, where that cost is known. */
  readonly grossProfit?: number;
  /** Contributions whose gross profit is missing: a sum of gross profits is whole only where these add up to 0. */
  readonly withoutCost: number;
  readonly quantity: number;
  readonly currency: string;
  readonly channel?: string;
}

/** What was bought (D3). A refund lowers revenue and profit at its own moment; what the goods cost stays spent. */
export const purchases: ReadModel<PurchaseRow, PurchaseEvent, PurchaseMovement> = {
  name: 'purchases',
  words: purchaseWords,
  version: 1,
  types: purchaseEvents.map(({ type }) => type),
  keyOf: ({ stream }) => idOf(stream),
  columns: {
    customerId: 'uuid',
    kind: 'text',
    purchasedAt: 'timestamptz',
    revenue: 'bigint',
    costOfGoods: 'bigint',
    currency: 'text',
    refunded: 'bigint',
    quantity: 'double precision',
    lineCount: 'integer',
    channel: 'text',
    externalRef: 'text',
    selectionMinutes: 'double precision',
    corrected: 'boolean',
  },
  evolve: (row, event) =>
    event.type === 'purchase-recorded.v1' ? recorded(event) : row && evolve(row, event),
  movements: movements(),
  beganAt: 'purchasedAt',
  pickedBy: ['customerId'],
  indexes: [
    { name: 'customer', table: 'current', on: '(customer_id, purchased_at)' },
    { name: 'latest', table: 'current', on: '(purchased_at desc nulls last, id)' },
    { name: 'external_ref', table: 'current', on: '(external_ref)' },
    { name: 'moved_customer', table: 'movements', on: '(customer_id, effective_at)' },
  ],
};

type Recorded = Extract<PurchaseEvent, { type: 'purchase-recorded.v1' }>;

function recorded({ data, at }: Happened<Recorded>): PurchaseRow {
  const { lines, customerId, kind, currency, channel, externalRef, selectionMinutes } = data;
  return {
    customerId,
    kind,
    purchasedAt: at,
    ...totalsOf(lines),
    currency,
    refunded: 0,
    lineCount: lines.length,
    channel,
    externalRef,
    selectionMinutes,
  };
}

function evolve(row: PurchaseRow, event: Happened<Exclude<PurchaseEvent, Recorded>>): PurchaseRow {
  switch (event.type) {
    case 'purchase-corrected.v1': {
      const { lines } = event.data;
      return { ...row, costOfGoods: undefined, ...totalsOf(lines), lineCount: lines.length, corrected: true };
    }
    case 'purchase-refunded.v1':
      return { ...row, refunded: row.refunded + event.data.amount };
    case 'purchase-redated.v1':
      return row;
  }
}

function movements(): Movements<PurchaseRow, PurchaseMovement, PurchaseEvent> {
  return {
    columns: {
      kind: 'text',
      customerId: 'uuid',
      count: 'integer',
      revenue: 'bigint',
      grossProfit: 'bigint',
      withoutCost: 'integer',
      quantity: 'double precision',
      currency: 'text',
      channel: 'text',
    },
    of: (before, after, event) => (after && after !== before ? [movement(before, after, event)] : []),
  };
}

function movement(before: PurchaseRow | null, after: PurchaseRow, event: PurchaseEvent): PurchaseMovement {
  const knowsCost = after.costOfGoods !== undefined;
  const knewCost = before?.costOfGoods !== undefined;
  const wasWithoutCost = before !== null && !knewCost && event.type !== 'purchase-refunded.v1';
  return {
    kind: kindOf(after, event),
    customerId: after.customerId,
    count: before ? 0 : 1,
    revenue: netRevenue(after) - netRevenue(before),
    ...(knowsCost || knewCost ? { grossProfit: grossProfit(after) - grossProfit(before) } : {}),
    withoutCost: Number(!knowsCost) - Number(wasWithoutCost),
    quantity: after.quantity - (before?.quantity ?? 0),
    currency: after.currency,
    channel: after.channel,
  };
}

function kindOf({ kind }: PurchaseRow, { type }: PurchaseEvent): PurchaseMovement['kind'] {
  if (type === 'purchase-refunded.v1') return 'refund';
  if (type === 'purchase-corrected.v1') return 'correction';
  return kind === 'return' ? 'return' : 'purchase';
}

const netRevenue = (row: PurchaseRow | null): number => (row ? row.revenue - row.refunded : 0);

/** What is left of the revenue after cost and refunds; nothing where the cost is not known. */
const grossProfit = (row: PurchaseRow | null): number =>
  row?.costOfGoods === undefined ? 0 : netRevenue(row) - row.costOfGoods;
