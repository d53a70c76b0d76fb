/** Ways in which a complaint can reach us. */
export const CHANNELS = ['web', 'phone', 'letter', 'email', 'fax', 'visit', 'referral', 'other'] as const;
export type Channel = (typeof CHANNELS)[number];

/** What a complaint is about, in the customer's eyes. */
export const CAUSES = [
  'expectation-unmet',
  'promise-broken',
  'treated-rudely',
  'not-solved',
  'unknown',
] as const;
export type Cause = (typeof CAUSES)[number];

/** From 1, the gravest, to 4. */
export const SEVERITIES = [1, 2, 3, 4] as const;
export const DEFAULT_SEVERITY = 3;

/** How a complainant behaves; each type is handled in its own way. */
export const COMPLAINANT_TYPES = [
  'arguing',
  'escalating',
  'harassing',
  'compensation-seeking',
  'rowdy',
  'venting',
  'cooling-off',
  'threatening',
] as const;
export type ComplainantType = (typeof COMPLAINANT_TYPES)[number];

/** Who has to deal with a complaint, from the front line upwards. */
export const LEVELS = ['front', 'middle', 'senior'] as const;
export type Level = (typeof LEVELS)[number];

/** What is timed: how long the customer waits for a first answer, and for a resolution. */
export const CLOCKS = ['first-answer', 'resolution'] as const;
export type Clock = (typeof CLOCKS)[number];

/** How much of a clock's time has gone by when it warns. */
export const WARNING_PERCENTS = [50, 80] as const;
export type WarningPercent = (typeof WARNING_PERCENTS)[number];

/** What a resolution gave to the customer. */
export const RESOLUTION_KINDS = ['explanation', 'non-monetary-relief', 'monetary-relief', 'other'] as const;
export type ResolutionKind = (typeof RESOLUTION_KINDS)[number];

/** What the source of an import may have left open and the import takes for granted; the events say so. */
export const ASSUMABLE = [
  'cause',
  'severity',
  'acknowledgedAt',
  'resolvedAt',
  'proposal',
  'answer',
  'followUp',
] as const;
export type Assumable = (typeof ASSUMABLE)[number];

/** Where a complaint stands. */
export const STATUSES = ['filed', 'acknowledged', 'proposed', 'resolved', 'closed', 'withdrawn'] as const;
export type Status = (typeof STATUSES)[number];
