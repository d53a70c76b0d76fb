import { isDeepStrictEqual } from 'node:util';
import type { Columns } from './read-model';
import { fieldsOf } from './fields-codec';

/** How rows of some columns look and when two of them are the same; asked for every event, hence the plain loops. */
export class RowShape {
  private readonly fields: readonly string[];

  constructor(columns: Columns<object>) {
    this.fields = Object.keys(columns);
  }

  /**
   * What a row becomes: fields in the order of the columns and none that are empty, as when it is read back; the row
   * before, the very same object, when that says the same.
   */
  settled(before: object | null, evolved: object): object {
    if (before && this.same(before, evolved)) return before;
    return this.isSettled(evolved) ? evolved : this.inOrder(evolved);
  }

  /** True when two rows say the same; what is null is as good as absent. */
  same(one: object, other: object): boolean {
    const [a, b] = [fieldsOf(one), fieldsOf(other)];
    for (const field of this.fields) {
      const left = a[field] ?? undefined;
      const right = b[field] ?? undefined;
      if (Object.is(left, right)) continue;
      if (typeof left !== 'object' || typeof right !== 'object' || !isDeepStrictEqual(left, right))
        return false;
    }
    return true;
  }

  private isSettled(row: object): boolean {
    const { fields } = this;
    const values = fieldsOf(row);
    let at = 0;
    for (const field of Object.keys(row)) {
      while (at < fields.length && fields[at] !== field) at += 1;
      if (at === fields.length || values[field] === undefined || values[field] === null) return false;
      at += 1;
    }
    return true;
  }

  private inOrder(row: object): object {
    const values = fieldsOf(row);
    const ordered: Record<string, unknown> = {};
    for (const field of this.fields) {
      const value = values[field];
      if (value !== undefined && value !== null) ordered[field] = value;
    }
    return ordered;
  }
}
