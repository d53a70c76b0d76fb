/** Stages of an open deal, lowest first: opportunity, first meeting, in play, qualified, verbal yes. */
export const STAGES = ['E', 'D', 'C', 'B', 'A'] as const;
export type Stage = (typeof STAGES)[number];

/** Probability that a deal of a stage is won (prospect management system). */
export const PROBABILITY: Readonly<Record<Stage, number>> = { E: 0, D: 0.1, C: 0.25, B: 0.5, A: 0.9 };

/** Days that a deal normally spends in a stage before it moves on; more is stalled. */
export const NORM_DAYS: Readonly<Record<Stage, number>> = { E: 7, D: 3, C: 14, B: 7, A: 7 };

/** The five criteria of a qualified deal. */
export const CRITERIA = ['person', 'proposal', 'budget', 'timetable', 'nextStep'] as const;
export type Criterion = (typeof CRITERIA)[number];

/** What proves that a deal is closed; a promise to pay is none. */
export const EVIDENCE = ['first-payment', 'commission', 'delivery-accepted', 'in-use'] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** Facts that a source may have left unrecorded and an import may therefore assume. */
export const ASSUMABLE = [
  'openedAt',
  'closedAt',
  'value',
  'firstMeeting',
  'criteria',
  'verbalAgreement',
  'evidence',
  'lossReason',
] as const;
export type Assumable = (typeof ASSUMABLE)[number];

/** Place of a stage in the order of stages: 0 for E. */
export const rank = (stage: Stage): number => STAGES.indexOf(stage);

/** The stages that lie above `from` up to and including `to`, in order. */
export const stagesBetween = (from: Stage, to: Stage): readonly Stage[] =>
  STAGES.slice(rank(from) + 1, rank(to) + 1);
