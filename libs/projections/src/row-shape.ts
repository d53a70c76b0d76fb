import { isDeepStrictEqual } from 'node:util';
import { fieldsOf } from './fields-codec';
import type { Columns } from './read-model';

/**
 * How rows of some columns look and when two of them are the same; asked for every event, hence the plain loops. All
 * rows have all fields in the order of the columns, so that they are of one kind to the language too and their values
 * can be had at once.
 */
export class RowShape {
  private readonly fields: readonly string[];
  /** The row made last, of which the next question will be, with its values. */
  private last: { readonly row: object | null; readonly values: readonly unknown[] } = {
    row: null,
    values: [],
  };

  constructor(columns: Columns<object>) {
    this.fields = Object.keys(columns);
  }

  /** What a row becomes; the row before, the very same object, when that says the same. What is null becomes absent. */
  settled(before: object | null, evolved: object): object {
    const values = this.valuesOf(evolved);
    if (before && sameValues(before === this.last.row ? this.last.values : this.valuesOf(before), values))
      return before;
    const isOne = this.hasAllFields(evolved) && !values.includes(null);
    const row = isOne ? evolved : this.rowOf(values);
    this.last = { row, values };
    return row;
  }

  /** True when two rows say the same; what is null is as good as absent. */
  same(one: object, other: object): boolean {
    return sameValues(this.valuesOf(one), this.valuesOf(other));
  }

  /** The values of a row that `settled` or `rowOf` has made, in the order of the columns: its fields need no second look. */
  valuesOfSettled(row: object): readonly unknown[] {
    return Object.values(row);
  }

  /** A row's values in the order of the columns. */
  valuesOf(row: object): readonly unknown[] {
    if (this.hasAllFields(row)) return Object.values(row);
    const named = fieldsOf(row);
    const values: unknown[] = [];
    for (const field of this.fields) values.push(named[field]);
    return values;
  }

  /** The row that has these values in the order of the columns. */
  rowOf(values: readonly unknown[]): object {
    const row: Record<string, unknown> = {};
    let at = 0;
    for (const field of this.fields) row[field] = values[at++] ?? undefined;
    return row;
  }

  private hasAllFields(row: object): boolean {
    const { fields } = this;
    let at = 0;
    // Of plain objects; other than `Object.keys` it makes no array.
    for (const name in row) if (name !== fields[at++]) return false;
    return at === fields.length;
  }
}

function sameValues(some: readonly unknown[], others: readonly unknown[]): boolean {
  for (let at = 0; at < some.length; at += 1) {
    const one = some[at];
    const other = others[at];
    if (Object.is(one, other)) continue;
    const left = one ?? undefined;
    const right = other ?? undefined;
    if (left === undefined && right === undefined) continue;
    if (typeof left !== 'object' || typeof right !== 'object' || !isDeepStrictEqual(left, right))
      return false;
  }
  return true;
}
