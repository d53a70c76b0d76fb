/** A value as text that is the same for equal values: fields in the order of their names, positions as numbers. */
export const textOf = (value: unknown): string => JSON.stringify(value, inOrder) ?? 'nothing';

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined && inner !== null)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The fields in which two rows differ. */
export function changedFields(before: object, after: object): readonly string[] {
  const [left, right] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const names = new Set([...left.keys(), ...right.keys()]);
  return [...names].filter((name) => textOf(left.get(name)) !== textOf(right.get(name)));
}

/** What of a list is not in another one, as often as it is there more. */
export function without<T>(list: readonly T[], others: readonly T[]): readonly T[] {
  const counts = new Map<string, number>();
  for (const other of others.map(textOf)) counts.set(other, (counts.get(other) ?? 0) + 1);
  return list.filter((each) => {
    const text = textOf(each);
    const count = counts.get(text) ?? 0;
    counts.set(text, count - 1);
    return count <= 0;
  });
}
