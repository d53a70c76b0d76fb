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

/** SQL of a grouped query whose source has columns `key`, `gid` and `label`. */
export interface Grouping {
  /** Columns of `GroupRow`. */
  readonly columns: string;
  /** Grouping sets of the whole and of each group, by further columns. */
  readonly sets: (...columns: readonly string[]) => string;
}

/** How to group a figure that is split, or one that is not. */
export function groupingOf(split: boolean): Grouping {
  return split
    ? {
        columns: 'key, gid as id, label, grouping(key) as whole',
        sets: (...columns) => `(${columns.join(', ')}), (${['key', 'gid', 'label', ...columns].join(', ')})`,
      }
    : {
        columns: `'' as key, null::text as id, '' as label, 1 as whole`,
        sets: (...columns) => `(${columns.join(', ')})`,
      };
}

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
