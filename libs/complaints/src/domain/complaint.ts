import type { Decider, Decision, Happened, Instant } from '@guanxi/kernel';
import type { ComplaintEvent, DataOf } from './events';
import type { Level, Status } from './vocabulary';

/** What is known of a complaint: all that its decisions need. */
export interface Complaint {
  readonly status: Status | 'none';
  readonly level: Level;
  readonly filed?: DataOf<'complaint-filed.v1'>;
  readonly owner?: string;
  readonly acknowledgement?: DataOf<'complaint-acknowledged.v1'>;
  readonly finding?: DataOf<'complaint-finding-recorded.v1'>;
  /** The proposal that stands, since the filing or the last reopening; likewise all that follows it. */
  readonly proposal?: DataOf<'complaint-solution-proposed.v1'>;
  readonly answer?: DataOf<'complaint-proposal-answered.v1'>;
  readonly resolution?: DataOf<'complaint-resolved.v1'>;
  readonly followUp?: DataOf<'complaint-followed-up.v1'>;
  readonly followUpAt?: Instant;
  readonly reached: boolean;
  readonly failedFollowUps: number;
  readonly reopenReason?: string;
  /** Names of the warnings of its clocks. */
  readonly warnings: readonly string[];
}

export type ComplaintDecision = Decision<Complaint, ComplaintEvent>;

/** A complaint on which the work on a solution begins, for the first time or again. */
const unsolved = {
  proposal: undefined,
  answer: undefined,
  resolution: undefined,
  followUp: undefined,
  followUpAt: undefined,
  reached: false,
  failedFollowUps: 0,
} as const;

export const complaintDecider: Decider<Complaint, ComplaintEvent> = {
  initial: { status: 'none', level: 'front', warnings: [], ...unsolved },
  evolve: (complaint, event) => evolve(complaint, event),
};

function evolve(complaint: Complaint, event: Happened<ComplaintEvent>): Complaint {
  switch (event.type) {
    case 'complaint-filed.v1':
      return { ...complaint, status: 'filed', filed: event.data };
    case 'complaint-acknowledged.v1':
      return { ...complaint, status: 'acknowledged', acknowledgement: event.data };
    case 'complaint-finding-recorded.v1':
      return { ...complaint, finding: event.data };
    case 'complaint-solution-proposed.v1':
      return { ...complaint, status: 'proposed', proposal: event.data, answer: undefined };
    case 'complaint-proposal-answered.v1':
      return { ...complaint, answer: event.data };
    case 'complaint-resolved.v1':
      return { ...complaint, status: 'resolved', resolution: event.data };
    case 'complaint-followed-up.v1':
      return {
        ...complaint,
        followUp: event.data,
        followUpAt: event.at,
        reached: complaint.reached || event.data.reached,
        failedFollowUps: complaint.failedFollowUps + (event.data.reached ? 0 : 1),
      };
    case 'complaint-reopened.v1':
      return { ...complaint, ...unsolved, status: 'acknowledged', reopenReason: event.data.reason };
    case 'complaint-closed.v1':
      return { ...complaint, status: 'closed' };
    case 'complaint-withdrawn.v1':
      return { ...complaint, status: 'withdrawn' };
    case 'complaint-assigned.v1':
      return { ...complaint, owner: event.data.owner };
    case 'complaint-escalated.v1':
      return { ...complaint, level: event.data.to };
    case 'complaint-clock-warned.v1':
      return { ...complaint, warnings: [...complaint.warnings, nameOfWarning(event.data)] };
  }
}

/** Tells the warnings of a complaint apart. */
export const nameOfWarning = ({ clock, percent, dueAt }: DataOf<'complaint-clock-warned.v1'>): string =>
  `${clock} ${percent} ${dueAt}`;
