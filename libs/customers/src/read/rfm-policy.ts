/** Named segments of the RFM grid. */
export const SEGMENTS = [
  'champions',
  'loyal',
  'potential-loyal',
  'new',
  'promising',
  'need-attention',
  'about-to-sleep',
  'at-risk',
  'cannot-lose',
  'hibernating',
  'lost',
] as const;
export type Segment = (typeof SEGMENTS)[number];

type Five<T> = readonly [T, T, T, T, T];

/**
 * The usual grid (policy default of D15). Rows: recency score 5 (bought lately) down to 1. Columns: mean of the scores
 * of frequency and monetary value, halves rounded up, 1 to 5.
 */
export const SEGMENT_GRID: Five<Five<Segment>> = [
  ['new', 'potential-loyal', 'potential-loyal', 'champions', 'champions'],
  ['promising', 'potential-loyal', 'potential-loyal', 'loyal', 'champions'],
  ['about-to-sleep', 'about-to-sleep', 'need-attention', 'loyal', 'loyal'],
  ['hibernating', 'hibernating', 'at-risk', 'at-risk', 'cannot-lose'],
  ['lost', 'hibernating', 'at-risk', 'at-risk', 'cannot-lose'],
];

/** SQL of the segment, from SQL of the three scores (1 to 5, whole numbers). */
export function segmentSql(recency: string, frequency: string, monetary: string): string {
  const cases = SEGMENT_GRID.flatMap((row, index) =>
    row.map((segment, column) => `when ${(5 - index) * 10 + column + 1} then '${segment}'`),
  );
  return `case ${recency} * 10 + (${frequency} + ${monetary} + 1) / 2 ${cases.join(' ')} end`;
}
