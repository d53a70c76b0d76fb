import type { Deal } from './deal';
import type { Criterion, Stage } from './stages';
import { CRITERIA, rank } from './stages';

/** A rule that must hold before a deal may stand at a stage. */
export type EntryRule =
  'firstMeetingAgreed' | 'firstMeetingHeld' | 'agreedToContinue' | Criterion | 'verbalAgreement';

const rules: readonly {
  readonly stage: Stage;
  readonly rule: EntryRule;
  readonly holds: (deal: Deal) => boolean;
}[] = [
  {
    stage: 'D',
    rule: 'firstMeetingAgreed',
    holds: ({ firstMeetingAt, firstMeetingHeld }) => firstMeetingAt !== undefined || firstMeetingHeld,
  },
  { stage: 'C', rule: 'firstMeetingHeld', holds: ({ firstMeetingHeld }) => firstMeetingHeld },
  { stage: 'C', rule: 'agreedToContinue', holds: ({ agreedToContinue }) => agreedToContinue },
  ...CRITERIA.map((criterion) => ({
    stage: 'B' as const,
    rule: criterion,
    holds: ({ criteria }: Deal) => criteria.includes(criterion),
  })),
  { stage: 'A', rule: 'verbalAgreement', holds: ({ verbalAgreement }) => verbalAgreement },
];

/** The entry rules that keep a deal from a stage: its own and those of all stages below, in the order of stages. */
export function entryRulesNotMet(deal: Deal, to: Stage): readonly EntryRule[] {
  return rules.filter(({ stage, holds }) => rank(stage) <= rank(to) && !holds(deal)).map(({ rule }) => rule);
}
