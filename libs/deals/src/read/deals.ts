import type { Happened, Instant } from '@guanxi/kernel';
import { idOf } from '@guanxi/kernel';
import type { ReadModel } from '@guanxi/projections';
import type { DealEvent } from '../domain/events';
import { dealEvents } from '../domain/events';
import type { DealMovement } from './deal-movements';
import { dealMovements } from './deal-movements';
import type { DealRow } from './deal-row';
import { dealWords } from './deal-words';

export const deals: ReadModel<DealRow, DealEvent, DealMovement> = {
  name: 'deals',
  words: dealWords,
  version: 1,
  types: dealEvents.map(({ type }) => type),
  keyOf: ({ stream }) => idOf(stream),
  columns: {
    status: 'text',
    stage: 'text',
    value: 'bigint',
    currency: 'text',
    openedAt: 'timestamptz',
    stageEnteredAt: 'timestamptz',
    movedAt: 'timestamptz',
    closedAt: 'timestamptz',
    expectedCloseOn: 'date',
    timesSlipped: 'integer',
    customerId: 'uuid',
    owner: 'uuid',
    closedOwner: 'uuid',
    productId: 'uuid',
    lines: 'jsonb',
    title: 'text',
    externalRef: 'text',
    criteria: 'text[]',
    evidence: 'text',
    lostReason: 'text',
    competitor: 'text',
    stageAssumed: 'boolean',
  },
  evolve: (row, event) => (event.type === 'deal-opened.v1' ? opened(event) : row && evolve(row, event)),
  movements: dealMovements,
  beganAt: 'openedAt',
  pickedBy: ['owner'],
  indexes: [
    { name: 'open_since', table: 'current', on: `(opened_at) where status = 'open'` },
    { name: 'owner', table: 'current', on: '(owner, status)' },
  ],
};

function opened({ data, at }: Extract<Happened<DealEvent>, { type: 'deal-opened.v1' }>): DealRow {
  const { value, lines, customerId, owner, title, externalRef, expectedCloseOn } = data;
  return {
    status: 'open',
    stage: 'E',
    value: value.amount,
    currency: value.currency,
    openedAt: at,
    stageEnteredAt: at,
    movedAt: at,
    timesSlipped: 0,
    stageAssumed: data.assumed?.includes('openedAt') ? true : undefined,
    lines,
    productId: lines?.[0]?.productId,
    customerId,
    owner,
    title,
    externalRef,
    expectedCloseOn,
  };
}

function evolve(row: DealRow, event: Happened<DealEvent>): DealRow {
  const { at } = event;
  switch (event.type) {
    case 'deal-opened.v1':
    case 'deal-event-redated.v1':
      return row;
    case 'deal-first-meeting-scheduled.v1':
    case 'deal-first-meeting-held.v1':
    case 'deal-verbal-agreement-recorded.v1':
    case 'deal-reviewed.v1':
      return { ...row, movedAt: at };
    case 'deal-criterion-confirmed.v1':
      return { ...row, movedAt: at, criteria: [...without(row, event.data.criterion), event.data.criterion] };
    case 'deal-criterion-withdrawn.v1':
      return { ...row, movedAt: at, criteria: without(row, event.data.criterion) };
    case 'deal-advanced.v1':
      return {
        ...entering(row, at),
        stage: event.data.to,
        stageAssumed: at === row.stageEnteredAt ? row.stageAssumed : undefined,
      };
    case 'deal-regressed.v1':
      return { ...entering(row, at), stage: event.data.to, stageAssumed: undefined };
    case 'deal-won.v1': {
      const { value, customerId = row.customerId, evidence } = event.data;
      const closed = { movedAt: at, closedAt: at, closedOwner: row.owner };
      return { ...row, ...closed, status: 'won', value: value.amount, customerId, evidence };
    }
    case 'deal-lost.v1': {
      const { reason, competitor } = event.data;
      const closed = { movedAt: at, closedAt: at, closedOwner: row.owner };
      return { ...row, ...closed, status: 'lost', lostReason: reason, competitor };
    }
    case 'deal-reopened.v1':
      return { ...entering(row, at), ...notClosed, status: 'open', stage: event.data.to };
    case 'deal-revised.v1': {
      const { value, lines, ...rest } = event.data;
      return revised({ ...row, movedAt: at }, { ...rest, lines, value: value?.amount });
    }
    case 'deal-owner-assigned.v1':
      return { ...row, owner: event.data.owner };
    case 'deal-corrected.v1': {
      const { value, stage, expectedCloseOn } = event.data;
      const corrected = revised(row, { value: value?.amount, expectedCloseOn });
      return stage === undefined || stage === row.stage ? corrected : { ...entering(corrected, at), stage };
    }
  }
}

const notClosed = {
  closedAt: undefined,
  closedOwner: undefined,
  lostReason: undefined,
  competitor: undefined,
  evidence: undefined,
  stageAssumed: undefined,
} as const;

/** A row whose stay in a stage begins. */
const entering = (row: DealRow, at: Instant): DealRow => ({ ...row, stageEnteredAt: at, movedAt: at });

type Revision = Partial<Pick<DealRow, 'value' | 'lines' | 'title' | 'customerId' | 'expectedCloseOn'>>;

function revised(row: DealRow, revision: Revision): DealRow {
  const { lines = row.lines, value = row.value, title = row.title, customerId = row.customerId } = revision;
  const { expectedCloseOn = row.expectedCloseOn } = revision;
  const slipped = row.expectedCloseOn !== undefined && (expectedCloseOn ?? '') > row.expectedCloseOn;
  return {
    ...row,
    lines,
    value,
    title,
    customerId,
    expectedCloseOn,
    productId: lines?.[0]?.productId ?? row.productId,
    timesSlipped: row.timesSlipped + (slipped ? 1 : 0),
  };
}

const without = (row: DealRow, criterion: string): readonly string[] =>
  (row.criteria ?? []).filter((confirmed) => confirmed !== criterion);
