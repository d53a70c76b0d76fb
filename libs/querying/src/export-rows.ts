type Answer = Readonly<Record<string, unknown>>;

/**
 * The rows of an answer that CSV and NDJSON are made of. Whoever asks for a split wants its groups, whatever else the
 * answer lists; figures that are not split are one row, their total.
 * @param rows the property that the query names for its rows
 * @param split whether the caller asked for a split
 */
export function rowsOf(answer: Answer, rows: string, split: boolean): readonly unknown[] {
  const { groups, total } = answer;
  if (split && Array.isArray(groups)) return groups;
  if (rows === 'groups') return total === undefined ? [] : [total];
  const list = answer[rows];
  return Array.isArray(list) ? list : [];
}
