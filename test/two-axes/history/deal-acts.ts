import type { Acts, Draft } from './draft';
import type { StreamNow } from './command-path';
import type { Step } from './steps';
import type { World } from './world';

/** What a deal's decisions know of it, as far as steps look at it. */
interface Deal {
  readonly status: 'unopened' | 'open' | 'won' | 'lost';
  readonly stage: 'E' | 'D' | 'C' | 'B' | 'A';
  readonly value: { readonly amount: number; readonly currency: string };
  readonly firstMeetingAt?: string;
  readonly firstMeetingHeld: boolean;
  readonly agreedToContinue: boolean;
  readonly criteria: readonly string[];
  readonly verbalAgreement: boolean;
  readonly moments: readonly { readonly revision: number; readonly at: string; readonly turn: boolean }[];
}

const STAGES = ['E', 'D', 'C', 'B', 'A'] as const;
const CRITERIA = ['person', 'proposal', 'budget', 'timetable', 'nextStep'] as const;
const REASONS = ['price', 'no-need', 'competitor'] as const;

const named = (world: World, step: Step): object => {
  const customerId = world.some('customer', step.who);
  const owner = world.some('seller', step.b);
  const productId = world.some('product', step.a);
  return {
    ...(customerId && step.b % 4 !== 3 ? { customerId } : {}),
    ...(owner && step.a % 5 !== 4 ? { owner } : {}),
    ...(productId ? { lines: [{ productId, quantity: 1 + (step.b % 3) }] } : {}),
  };
};

/** A customer in the place of whoever the deal was with. */
const another = (world: World, { b }: Step): object => {
  const customerId = world.some('customer', b);
  return customerId === undefined ? {} : { customerId };
};

const stateOf = ({ state }: StreamNow): Deal => state as Deal;

const money = (world: World, id: string | undefined, now: StreamNow, amount: number) => ({
  amount,
  currency: id === undefined ? 'CNY' : stateOf(now).value.currency,
});

/** The fact that is wanting next, or the move that the facts allow. */
function nextMove({ state }: StreamNow, { a, b }: Step, meetingAt: string): Draft {
  const deal = state as Deal;
  const about = 'deal' as const;
  const rank = STAGES.indexOf(deal.stage);
  const allowed = !deal.firstMeetingAt
    ? 0
    : !deal.firstMeetingHeld || !deal.agreedToContinue
      ? 1
      : deal.criteria.length < CRITERIA.length
        ? 2
        : deal.verbalAgreement
          ? 4
          : 3;
  if (allowed === 4 && a % 2 === 0) {
    const value = b % 3 === 0 ? { value: { amount: 1_000 * (1 + b), currency: deal.value.currency } } : {};
    return { command: 'CloseDealWon', about, data: { evidence: 'first-payment', ...value } };
  }
  if (allowed > rank && a % 3 !== 0) return { command: 'AdvanceDeal', about, data: { to: STAGES[allowed] } };
  if (allowed === 0) return { command: 'ScheduleFirstMeeting', about, data: { meetingAt } };
  if (allowed === 1)
    return {
      command: 'HoldFirstMeeting',
      about,
      data: { agreedToContinue: b % 8 !== 7 || deal.firstMeetingHeld },
    };
  const criterion = CRITERIA.find((name) => !deal.criteria.includes(name));
  if (criterion !== undefined) {
    const days = { decisionOn: '2026-01-01', startOn: '2026-02-01', nextStepOn: '2026-01-05' };
    return { command: 'ConfirmCriterion', about, data: { criterion, ...days } };
  }
  if (!deal.verbalAgreement) return { command: 'RecordVerbalAgreement', about, data: { quote: 'yes' } };
  return { command: 'AdvanceDeal', about, data: { to: 'A' } };
}

const closed = (state: unknown): boolean => ['won', 'lost'].includes((state as Deal).status);
const openOnly = (state: unknown): 'reopen-deal' | undefined => (closed(state) ? 'reopen-deal' : undefined);

/** Deals with all their moves, imports and corrections. */
export const dealActs = {
  'open-deal': (world, step) => ({
    command: 'OpenDeal',
    makes: 'deal',
    data: {
      value: { amount: 1_000 * (1 + step.a), currency: step.a === 11 ? 'USD' : 'CNY' },
      expectedCloseOn: `2024-${String(2 + (step.b % 11)).padStart(2, '0')}-15`,
      title: `Deal ${step.a}`,
      ...named(world, step),
    },
  }),
  'import-deal': (world, step) => {
    const stage = [...STAGES, 'won', 'lost', 'won', 'A'][step.a % 9];
    const closing = stage === 'won' || stage === 'lost';
    return {
      command: 'ImportDeal',
      makes: 'deal',
      data: {
        stage,
        value: { amount: 1_000 * (1 + step.b), currency: 'CNY' },
        openedAt: world.before(step.late),
        ...(closing
          ? {
              closedAt: world.before(
                step.b % 3 === 0 ? step.late : Math.floor(step.late / (1 + (step.b % 4))),
              ),
            }
          : {}),
        ...named(world, step),
        ...(step.b % 2 ? { evidence: 'first-payment', lossReason: REASONS[step.a % 3] } : {}),
        assumed: [
          'firstMeeting',
          'criteria',
          'verbalAgreement',
          'evidence',
          'lossReason',
          ...(step.b % 5 ? [] : ['openedAt']),
        ],
      },
    };
  },
  'work-deal': (world, step, now) =>
    closed(now.state) ? { retry: 'correct-deal' } : nextMove(now, step, world.now()),
  'withdraw-criterion': (_world, { a }, now) => ({
    command: 'WithdrawCriterion',
    about: 'deal',
    unless: (state) => openOnly(state) ?? (stateOf(now).criteria.length === 0 ? 'work-deal' : undefined),
    data: { criterion: stateOf(now).criteria[a % Math.max(1, stateOf(now).criteria.length)] },
  }),
  'regress-deal': (_world, { a }, now) => ({
    command: 'RegressDeal',
    about: 'deal',
    unless: (state) => openOnly(state) ?? (stateOf(now).stage === 'E' ? 'work-deal' : undefined),
    data: { to: STAGES[a % Math.max(1, STAGES.indexOf(stateOf(now).stage))], reason: 'Contact left' },
  }),
  'lose-deal': (_world, { a, b }) => ({
    command: 'LoseDeal',
    about: 'deal',
    unless: openOnly,
    data: { reason: REASONS[a % 3], ...(b % 2 ? { competitor: `Other ${b % 3}` } : {}) },
  }),
  'reopen-deal': () => ({
    command: 'ReopenDeal',
    about: 'deal',
    unless: (state) => (closed(state) ? undefined : 'work-deal'),
    data: { reason: 'Not over yet' },
  }),
  'revise-deal': (world, step, now) => ({
    command: 'ReviseDeal',
    about: 'deal',
    unless: openOnly,
    data: {
      ...(step.a % 2 ? { value: money(world, 'it', now, 1_000 * (1 + step.b)) } : {}),
      ...(step.a % 3 === 0 ? { expectedCloseOn: `2024-${String(1 + step.b).padStart(2, '0')}-20` } : {}),
      ...(step.a % 2 === 0 ? another(world, step) : {}),
      title: `Deal ${step.b}`,
    },
  }),
  'review-deal': () => ({ command: 'ReviewDeal', about: 'deal', unless: openOnly, data: {} }),
  'assign-deal': (world, { a }) => ({
    command: 'AssignDealOwner',
    about: 'deal',
    needs: 'seller',
    data: { owner: world.some('seller', a) },
  }),
  'correct-deal': (world, step, now) => ({
    command: 'CorrectDeal',
    about: 'deal',
    data: {
      reason: 'Typing error',
      ...(step.a % 3 !== 1 ? { value: money(world, 'it', now, 1_000 * (1 + step.b)) } : {}),
      ...(step.a % 3 === 1 ? { stage: STAGES[step.b % 5] } : {}),
      ...(step.a % 5 === 0 ? { expectedCloseOn: `2024-${String(1 + step.b).padStart(2, '0')}-10` } : {}),
    },
  }),
  'redate-deal': (world, step, now) => ({
    command: 'CorrectDeal',
    about: 'deal',
    data: { reason: 'Wrong day', redate: redating(world, step, now) },
  }),
} satisfies Acts;

/** Another moment for one of a deal's events, between those of its neighbours more often than not. */
function redating(world: World, { a, b, late }: Step, now: StreamNow): { revision: number; to: string } {
  const { moments } = stateOf(now);
  const turns = moments.flatMap(({ turn }, at) => (turn ? [at] : []));
  const any = (a * 12 + b) % Math.max(1, moments.length);
  const index = b % 2 ? (turns.at(-1 - (a % 2)) ?? any) : any;
  const own = moments[index];
  const before = moments[index - 1]?.at ?? world.before(late);
  const after = moments[index + 1]?.at ?? world.now();
  const end = after < world.now() ? after : world.now();
  const [from, to] = [Date.parse(before), Date.parse(end)];
  const part = [0, 1, 0.5, 0.25][a % 4] ?? 0;
  const at =
    b % 5 === 4 && index > 0 ? Date.parse(moments[0]?.at ?? before) : from + Math.floor((to - from) * part);
  return {
    revision: own?.revision ?? 0,
    to: new Date(Math.max(Math.min(at, world.path.now), 0)).toISOString(),
  };
}
