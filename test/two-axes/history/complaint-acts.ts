import type { Act, Step } from './steps';
import type { Acts, Draft } from './draft';
import type { StreamNow } from './command-path';
import type { World } from './world';

/** What a complaint's decisions know of it, as far as steps look at it. */
interface Complaint {
  readonly status: 'none' | 'filed' | 'acknowledged' | 'proposed' | 'resolved' | 'closed' | 'withdrawn';
  readonly level: 'front' | 'middle' | 'senior';
  readonly acknowledgement?: object;
  readonly answer?: { readonly accepted: boolean };
  readonly reached: boolean;
  readonly failedFollowUps: number;
}

const CAUSES = ['promise-broken', 'not-solved', 'unknown'] as const;

const customer = (world: World, { who, b }: Step): { customerId?: string } => {
  const customerId = world.some('customer', who);
  return customerId === undefined || b % 5 === 4 ? {} : { customerId };
};

const statusOf = (state: unknown): Complaint['status'] => (state as Complaint).status;

/** Withdrawn complaints stay so: another one is filed. */
const unlessAtEnd = (state: unknown): Act | undefined => {
  const status = statusOf(state);
  if (status === 'withdrawn') return 'file-complaint';
  return status === 'closed' ? 'reopen-complaint' : undefined;
};

const unlessResolved = (state: unknown): Act | undefined =>
  unlessAtEnd(state) ?? (statusOf(state) === 'resolved' ? 'reopen-complaint' : undefined);

function nextMove({ state }: StreamNow, { a, b }: Step): Draft {
  const complaint = state as Complaint;
  const about = 'complaint' as const;
  switch (complaint.status) {
    case 'withdrawn':
      return { retry: 'file-complaint' };
    case 'closed':
      return { retry: 'reopen-complaint' };
    case 'none':
    case 'filed':
      return {
        command: 'AcknowledgeComplaint',
        about,
        data: { note: `Called back ${a}`, ...(b % 4 === 0 ? { answeredInTime: a % 2 === 0 } : {}) },
      };
    case 'acknowledged':
      return {
        command: 'ProposeSolution',
        about,
        data: { regret: 'Sorry', correction: `Again ${a}`, remedy: `Better ${b}` },
      };
    case 'proposed': {
      if (complaint.answer === undefined && a % 2)
        return { command: 'AnswerProposal', about, data: { accepted: b % 3 !== 0 } };
      if (complaint.answer?.accepted === false)
        return { command: 'AnswerProposal', about, data: { accepted: true, reason: 'Thought again' } };
      return { command: 'ResolveComplaint', about, data: { resolution: `Done ${a}`, kind: 'explanation' } };
    }
    case 'resolved': {
      if (complaint.reached || complaint.failedFollowUps >= 3)
        return { command: 'CloseComplaint', about, data: {} };
      const reached = b % 3 !== 0;
      return {
        command: 'FollowUpComplaint',
        about,
        data: reached ? { reached, satisfied: a % 2 === 0, wouldBuyAgain: a % 3 === 0 } : { reached },
      };
    }
  }
}

/** Complaints from taking in to closing, with imports and reopenings. */
export const complaintActs = {
  'file-complaint': (world, step) => {
    const named = customer(world, step);
    return {
      command: 'FileComplaint',
      makes: 'complaint',
      data: {
        ...named,
        ...('customerId' in named ? {} : { anonymous: true }),
        channel: 'phone',
        cause: CAUSES[step.a % 3],
        severity: 1 + (step.b % 4),
        product: ['P-0', 'GTX'][step.a % 2],
        region: ['East', 'West'][step.b % 2],
        ...(step.a % 2 ? { complainantType: 'venting' } : {}),
      },
    };
  },
  'import-complaint': (world, step) => {
    const resolution = step.a % 3 !== 0;
    const at = (part: number): string => world.before(Math.floor(step.late * part));
    return {
      command: 'ImportComplaint',
      makes: 'complaint',
      data: {
        ...customer(world, step),
        channel: 'web',
        cause: CAUSES[step.b % 3],
        filedAt: at(1),
        ...(step.a % 2 ? { acknowledgedAt: at(step.b % 2 ? 0.9 : 1) } : {}),
        ...(step.b % 3 === 0 ? { answeredInTime: true } : {}),
        ...(resolution ? { resolution: 'explanation' } : {}),
        ...(resolution && step.b % 2 ? { resolvedAt: at(0.5) } : {}),
        assumed: [
          'cause',
          'severity',
          'acknowledgedAt',
          'resolvedAt',
          'proposal',
          ...(step.b % 4 ? ['answer'] : ['followUp']),
        ],
      },
    };
  },
  'work-complaint': (_world, step, now) => nextMove(now, step),
  'reopen-complaint': (_world, { a }) => ({
    command: 'ReopenComplaint',
    about: 'complaint',
    unless: (state) => (['resolved', 'closed'].includes(statusOf(state)) ? undefined : 'work-complaint'),
    data: { reason: `Broke again ${a}` },
  }),
  'withdraw-complaint': (_world, { a }) => ({
    command: 'WithdrawComplaint',
    about: 'complaint',
    unless: unlessResolved,
    data: a % 2 ? { reason: 'A mistake' } : {},
  }),
  'escalate-complaint': () => ({
    command: 'EscalateComplaint',
    about: 'complaint',
    unless: (state) =>
      unlessResolved(state) ?? ((state as Complaint).level === 'senior' ? 'work-complaint' : undefined),
    data: { reason: 'No answer in time' },
  }),
  'assign-complaint': (world, { a }) => ({
    command: 'AssignComplaint',
    about: 'complaint',
    needs: 'seller',
    unless: unlessAtEnd,
    data: { owner: world.some('seller', a) },
  }),
  'record-finding': (_world, { a }) => ({
    command: 'RecordFinding',
    about: 'complaint',
    unless: unlessAtEnd,
    data: { known: `Known ${a}` },
  }),
  'warn-of-complaint': (world, { a }) => ({
    command: 'WarnOfComplaintClock',
    about: 'complaint',
    unless: unlessResolved,
    data: { clock: 'resolution', percent: [50, 80][a % 2], dueAt: world.now() },
  }),
} satisfies Acts;
