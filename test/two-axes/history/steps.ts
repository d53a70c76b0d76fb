import fc from 'fast-check';

/** What a step of a history is about; what it says in detail follows from how things stand when it comes. */
export const ACTS = [
  'define-seller',
  'revise-seller',
  'release-seller',
  'define-product',
  'revise-product',
  'retire-product',
  'define-department',
  'record-rate',
  'register',
  'update-profile',
  'correct-profile',
  'assign-customer',
  'end-relationship',
  'reactivate',
  'record-purchase',
  'correct-lines',
  'move-purchase',
  'refund',
  'open-deal',
  'import-deal',
  'work-deal',
  'withdraw-criterion',
  'regress-deal',
  'lose-deal',
  'reopen-deal',
  'revise-deal',
  'review-deal',
  'assign-deal',
  'correct-deal',
  'redate-deal',
  'file-complaint',
  'import-complaint',
  'work-complaint',
  'reopen-complaint',
  'withdraw-complaint',
  'escalate-complaint',
  'assign-complaint',
  'record-finding',
  'warn-of-complaint',
] as const;
export type Act = (typeof ACTS)[number];

/** How often an act comes, where not once. */
const WEIGHTS: Partial<Record<Act, number>> = {
  'retire-product': 2,
  'release-seller': 2,
  'withdraw-complaint': 2,
  register: 3,
  'end-relationship': 3,
  reactivate: 2,
  'correct-profile': 2,
  'record-purchase': 4,
  'correct-lines': 2,
  'move-purchase': 2,
  refund: 3,
  'open-deal': 2,
  'import-deal': 3,
  'work-deal': 16,
  'withdraw-criterion': 6,
  'lose-deal': 2,
  'reopen-deal': 3,
  'revise-deal': 2,
  'assign-deal': 2,
  'correct-deal': 4,
  'redate-deal': 5,
  'file-complaint': 2,
  'import-complaint': 2,
  'work-complaint': 8,
  'reopen-complaint': 2,
};

/** When a fact happened, seen from the command that tells it. */
export const WHENS = ['unsaid', 'now', 'late', 'tie', 'ahead'] as const;
export type When = (typeof WHENS)[number];

/** One step of a history. Small numbers choose among what there is, so that a step keeps a meaning when others go. */
export interface Step {
  readonly act: Act;
  /** Milliseconds that pass before the command arrives. */
  readonly wait: number;
  readonly when: When;
  /** How late a late fact is. */
  readonly late: number;
  readonly who: number;
  readonly a: number;
  readonly b: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const wait = fc.oneof(
  { arbitrary: fc.constant(0), weight: 2 },
  { arbitrary: fc.constant(1), weight: 1 },
  { arbitrary: fc.integer({ min: 1, max: 30 }).map((n) => n * HOUR), weight: 3 },
  { arbitrary: fc.integer({ min: 1, max: 40 }).map((n) => n * DAY), weight: 3 },
);

const when = fc.oneof(
  { arbitrary: fc.constant<When>('unsaid'), weight: 4 },
  { arbitrary: fc.constant<When>('now'), weight: 3 },
  { arbitrary: fc.constant<When>('late'), weight: 5 },
  { arbitrary: fc.constant<When>('tie'), weight: 3 },
  { arbitrary: fc.constant<When>('ahead'), weight: 1 },
);

/** One of some acts, by weight. */
const among = (acts: readonly Act[]): fc.Arbitrary<Act> =>
  fc.oneof(...acts.map((name) => ({ arbitrary: fc.constant(name), weight: WEIGHTS[name] ?? 1 })));

const stepOf = (acts: readonly Act[], most: number): fc.Arbitrary<Step> =>
  fc.record({
    act: among(acts),
    wait,
    when,
    late: fc.oneof(
      fc.integer({ min: 1, max: 72 }).map((n) => n * HOUR),
      fc.integer({ min: 1, max: 200 }).map((n) => n * DAY),
    ),
    who: fc.nat({ max: most }),
    a: fc.nat({ max: 11 }),
    b: fc.nat({ max: 11 }),
  });

/**
 * Histories over all contexts. A third of them know few acts and few things: what only shows when several rare commands
 * meet on one thing is hardly ever seen where everything goes on at once.
 */
export const histories = (most: number): fc.Arbitrary<readonly Step[]> =>
  fc.oneof(
    { arbitrary: steps(ACTS, most, 2), weight: 2 },
    {
      arbitrary: fc
        .subarray([...ACTS], { minLength: 3, maxLength: 7 })
        .chain((few) => steps(few, most / 2, 1)),
      weight: 1,
    },
  );

const steps = (acts: readonly Act[], most: number, things: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(stepOf(acts, things), { minLength: 1, maxLength: most, size: 'max' });
