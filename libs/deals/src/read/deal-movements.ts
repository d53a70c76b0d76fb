import type { Happened, Instant } from '@guanxi/kernel';
import { millisecondsBetween } from '@guanxi/kernel';
import type { Movements } from '@guanxi/projections';
import type { DealEvent } from '../domain/events';
import type { DealRow } from './deal-row';

/** Ways in which the board changes. */
export const MOVEMENT_KINDS = [
  'opened',
  'reopened',
  'advanced',
  'regressed',
  'value-up',
  'value-down',
  'slipped',
  'reassigned',
  'won',
  'lost',
] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];

/**
 * What one event changed on the board of open deals. `count` and `value` are signed contributions: summed up to a
 * moment they are the board of that moment. `amount` is the value of the deal concerned, unsigned.
 */
export interface DealMovement {
  readonly kind: MovementKind;
  readonly count: number;
  readonly value: number;
  readonly amount: number;
  readonly currency: string;
  readonly stageFrom?: string;
  readonly stageTo?: string;
  /** When the stay in `stageFrom` began, for movements that end one. */
  readonly enteredAt?: Instant;
  /** True when an import assumed when the stay began: its length says nothing. */
  readonly assumedStay?: boolean;
  /** Days from opening to closing, for won and lost. */
  readonly cycleDays?: number;
  readonly customerId?: string;
  readonly owner?: string;
  readonly productId?: string;
  readonly reason?: string;
  readonly competitor?: string;
}

export const dealMovements: Movements<DealRow, DealMovement, DealEvent> = {
  columns: {
    kind: 'text',
    count: 'integer',
    value: 'bigint',
    amount: 'bigint',
    currency: 'text',
    stageFrom: 'text',
    stageTo: 'text',
    enteredAt: 'timestamptz',
    assumedStay: 'boolean',
    cycleDays: 'double precision',
    customerId: 'uuid',
    owner: 'uuid',
    productId: 'uuid',
    reason: 'text',
    competitor: 'text',
  },
  of: (before, after, event) => {
    if (after === null) return [];
    if (before === null) return [onBoard('opened', after, 1, { stageTo: after.stage })];
    return [
      ...reassigned(before, after),
      ...revalued(before, after),
      ...slipped(before, after),
      ...moved(before, after, event),
    ];
  },
};

const DAY = 86_400_000;

/** A movement of a deal under the dimensions that the row has. */
function onBoard(
  kind: MovementKind,
  row: DealRow,
  count: -1 | 0 | 1,
  more: Partial<DealMovement> = {},
): DealMovement {
  const { currency, customerId, owner, productId } = row;
  return {
    kind,
    count,
    value: count * row.value,
    amount: row.value,
    currency,
    customerId,
    owner,
    productId,
    ...more,
  };
}

/** A change of owner, customer or product takes the deal off one part of the board and puts it on another. */
function reassigned(before: DealRow, after: DealRow): readonly DealMovement[] {
  const same =
    before.owner === after.owner &&
    before.customerId === after.customerId &&
    before.productId === after.productId;
  if (same || before.status !== 'open') return [];
  return [onBoard('reassigned', before, -1), onBoard('reassigned', { ...after, value: before.value }, 1)];
}

/**
 * The difference in value of an open deal, also when it is closed at another value. A closed deal whose value is
 * corrected stays off the board: what was won or lost changes by as much as the value.
 */
function revalued(before: DealRow, after: DealRow): readonly DealMovement[] {
  const difference = after.value - before.value;
  if (difference === 0) return [];
  const kind = difference > 0 ? 'value-up' : 'value-down';
  if (before.status === 'open') return [onBoard(kind, after, 0, { value: difference })];
  const theirs = { ...after, owner: after.closedOwner };
  return [
    onBoard(kind, theirs, 0, { value: difference }),
    onBoard(before.status, theirs, 0, { value: -difference }),
  ];
}

function slipped(before: DealRow, after: DealRow): readonly DealMovement[] {
  return after.timesSlipped > before.timesSlipped && after.status === 'open'
    ? [onBoard('slipped', after, 0)]
    : [];
}

function moved(before: DealRow, after: DealRow, event: Happened<DealEvent>): readonly DealMovement[] {
  const stay = {
    stageFrom: before.stage,
    enteredAt: before.stageEnteredAt,
    assumedStay: before.stageAssumed,
  };
  if (before.status !== 'open') {
    return after.status === 'open' ? [onBoard('reopened', after, 1, { stageTo: after.stage })] : [];
  }
  if (after.status !== 'open') {
    const cycleDays = millisecondsBetween(after.openedAt, event.at) / DAY;
    const { lostReason: reason, competitor } = after;
    return [onBoard(after.status, after, -1, { ...stay, cycleDays, reason, competitor })];
  }
  if (before.stage === after.stage) return [];
  const kind = before.stage > after.stage ? 'advanced' : 'regressed';
  return [onBoard(kind, after, 0, { ...stay, stageTo: after.stage })];
}
