import type { Happened, Instant, Money } from '@guanxi/kernel';
import { idOf, millisecondsBetween } from '@guanxi/kernel';
import type { ReadModel } from '@guanxi/projections';
import type { ComplaintEvent, DataOf } from '../domain/events';
import { complaintEvents } from '../domain/events';
import { FIRST_ANSWER_HOURS } from '../domain/policy';
import type { Assumable, Level, ResolutionKind, Status } from '../domain/vocabulary';
import { complaintWords } from './complaint-words';

/** A complaint as it stands. */
export interface ComplaintRow {
  readonly status: Status;
  readonly level: Level;
  readonly customerId?: string;
  readonly anonymous?: boolean;
  readonly channel: string;
  readonly product?: string;
  readonly region?: string;
  readonly text?: string;
  readonly cause: string;
  readonly severity: number;
  readonly complainantType?: string;
  readonly claimedLoss?: Money;
  readonly externalRef?: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  readonly owner?: string;
  readonly filedAt: Instant;
  /** Moment of the first answer; absent also where an import assumed it. */
  readonly firstAnswerAt?: Instant;
  /** Of a complaint with a first answer: what its source stated, else what the clock says. */
  readonly answeredInTime?: boolean;
  readonly findings?: readonly DataOf<'complaint-finding-recorded.v1'>[];
  readonly proposal?: DataOf<'complaint-solution-proposed.v1'>;
  readonly proposedAt?: Instant;
  readonly proposalAccepted?: boolean;
  readonly proposalReason?: string;
  readonly resolution?: string;
  readonly resolutionKind?: ResolutionKind;
  readonly resolvedAt?: Instant;
  readonly resolvedAtAssumed?: boolean;
  readonly followUpReached?: boolean;
  readonly followUpsFailed: number;
  readonly satisfied?: boolean;
  readonly wouldBuyAgain?: boolean;
  readonly followUpNote?: string;
  readonly closedAt?: Instant;
  readonly withdrawnAt?: Instant;
  readonly reopenedCount: number;
  readonly reopenReason?: string;
  /** What the source did not record and an import took for granted. */
  readonly assumed?: readonly Assumable[];
}

export const complaints: ReadModel<ComplaintRow, ComplaintEvent, never> = {
  name: 'complaints',
  words: complaintWords,
  version: 1,
  types: complaintEvents.map(({ type }) => type).filter((type) => type !== 'complaint-clock-warned.v1'),
  keyOf: ({ stream }) => idOf(stream),
  columns: {
    status: 'text',
    level: 'text',
    customerId: 'uuid',
    anonymous: 'boolean',
    channel: 'text',
    product: 'text',
    region: 'text',
    text: 'text',
    cause: 'text',
    severity: 'integer',
    complainantType: 'text',
    claimedLoss: 'jsonb',
    externalRef: 'text',
    attributes: 'jsonb',
    owner: 'uuid',
    filedAt: 'timestamptz',
    firstAnswerAt: 'timestamptz',
    answeredInTime: 'boolean',
    findings: 'jsonb',
    proposal: 'jsonb',
    proposedAt: 'timestamptz',
    proposalAccepted: 'boolean',
    proposalReason: 'text',
    resolution: 'text',
    resolutionKind: 'text',
    resolvedAt: 'timestamptz',
    resolvedAtAssumed: 'boolean',
    followUpReached: 'boolean',
    followUpsFailed: 'integer',
    satisfied: 'boolean',
    wouldBuyAgain: 'boolean',
    followUpNote: 'text',
    closedAt: 'timestamptz',
    withdrawnAt: 'timestamptz',
    reopenedCount: 'integer',
    reopenReason: 'text',
    assumed: 'text[]',
  },
  evolve: (row, event) => {
    if (event.type === 'complaint-filed.v1') return filed(event);
    return row && noting(evolve(row, event), event);
  },
  beganAt: 'filedAt',
  pickedBy: ['customerId', 'owner'],
  indexes: [
    { name: 'filed', table: 'current', on: '(filed_at, id)' },
    { name: 'customer', table: 'current', on: '(customer_id, cause)' },
    { name: 'owner', table: 'current', on: '(owner, status)' },
  ],
};

function filed({
  data,
  at,
}: Extract<Happened<ComplaintEvent>, { type: 'complaint-filed.v1' }>): ComplaintRow {
  return { ...data, status: 'filed', level: 'front', filedAt: at, followUpsFailed: 0, reopenedCount: 0 };
}

function evolve(row: ComplaintRow, event: Happened<ComplaintEvent>): ComplaintRow {
  const { at } = event;
  switch (event.type) {
    case 'complaint-filed.v1':
      return row;
    case 'complaint-acknowledged.v1':
      return { ...row, status: 'acknowledged', ...firstAnswer(row, event.data, at) };
    case 'complaint-finding-recorded.v1':
      return { ...row, findings: [...(row.findings ?? []), event.data] };
    case 'complaint-solution-proposed.v1': {
      const { assumed: _, ...proposal } = event.data;
      return { ...row, ...unanswered, status: 'proposed', proposal, proposedAt: at };
    }
    case 'complaint-proposal-answered.v1':
      return { ...row, proposalAccepted: event.data.accepted, proposalReason: event.data.reason };
    case 'complaint-resolved.v1': {
      const { resolution, kind, assumed } = event.data;
      const resolvedAtAssumed = assumed?.includes('resolvedAt') || undefined;
      return {
        ...row,
        status: 'resolved',
        resolution,
        resolutionKind: kind,
        resolvedAt: at,
        resolvedAtAssumed,
      };
    }
    case 'complaint-followed-up.v1': {
      const { reached, satisfied, wouldBuyAgain, note } = event.data;
      if (!reached) return { ...row, followUpsFailed: row.followUpsFailed + 1 };
      return { ...row, followUpReached: true, satisfied, wouldBuyAgain, followUpNote: note };
    }
    case 'complaint-reopened.v1': {
      const { reason: reopenReason } = event.data;
      return {
        ...row,
        ...unsolved,
        status: 'acknowledged',
        reopenedCount: row.reopenedCount + 1,
        reopenReason,
      };
    }
    case 'complaint-closed.v1':
      return { ...row, status: 'closed', closedAt: at };
    case 'complaint-withdrawn.v1':
      return { ...row, status: 'withdrawn', withdrawnAt: at };
    case 'complaint-assigned.v1':
      return { ...row, owner: event.data.owner };
    case 'complaint-escalated.v1':
      return { ...row, level: event.data.to };
    case 'complaint-clock-warned.v1':
      return row;
  }
}

const unanswered = { proposalAccepted: undefined, proposalReason: undefined } as const;

/** A complaint on which the work on a solution begins again. */
const unsolved = {
  ...unanswered,
  proposal: undefined,
  proposedAt: undefined,
  resolution: undefined,
  resolutionKind: undefined,
  resolvedAt: undefined,
  resolvedAtAssumed: undefined,
  followUpReached: undefined,
  followUpsFailed: 0,
  satisfied: undefined,
  wouldBuyAgain: undefined,
  followUpNote: undefined,
  closedAt: undefined,
} as const;

function firstAnswer(
  { filedAt }: ComplaintRow,
  { answeredInTime, assumed }: DataOf<'complaint-acknowledged.v1'>,
  at: Instant,
): Pick<ComplaintRow, 'firstAnswerAt' | 'answeredInTime'> {
  if (assumed?.includes('acknowledgedAt')) return { answeredInTime };
  const hours = millisecondsBetween(filedAt, at) / 3_600_000;
  return { firstAnswerAt: at, answeredInTime: answeredInTime ?? hours <= FIRST_ANSWER_HOURS };
}

/** A row that remembers what its events took for granted. */
function noting(row: ComplaintRow, { data }: ComplaintEvent): ComplaintRow {
  const assumed = 'assumed' in data ? (data.assumed ?? []) : [];
  if (assumed.length === 0) return row;
  return { ...row, assumed: [...new Set([...(row.assumed ?? []), ...assumed])] };
}
