/** The name of a group in an answer. */
export interface GroupName {
  readonly key: string;
  readonly id?: string;
  readonly label: string;
}

/** A row that belongs to one group, or to the whole when `whole` is 1 (SQL's `grouping(key)`). */
export interface GroupRow {
  readonly key: string;
  readonly id: string | null;
  readonly label: string;
  readonly whole: number;
}

/** Columns and grouping sets for rows of the whole, and of each group where there is a split. */
export const groupSets = (split: boolean, ...columns: readonly string[]): string => {
  const own = columns.join(', ');
  const whole = `(${own})`;
  return split ? `${whole}, (key, id, label${own ? `, ${own}` : ''})` : whole;
};

/** Rows by group, in the order in which groups first appear. */
export function byGroup<R extends GroupRow>(rows: readonly R[]): ReadonlyMap<string, readonly R[]> {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    if (row.whole === 1) continue;
    const name = groupId(row);
    const own = groups.get(name);
    if (own) own.push(row);
    else groups.set(name, [row]);
  }
  return groups;
}

/** What tells one group from another. */
export const groupId = ({ key, id }: GroupRow): string => `${key} ${id ?? ''}`;

/** A group's name as answers give it. */
export const groupName = ({ key, id, label }: GroupRow): GroupName => ({
  key,
  ...(id === null ? {} : { id }),
  label,
});
