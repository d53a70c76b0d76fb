type Value = string | number | boolean;

interface Condition {
  /** `?` stands for the value, each time it is needed. */
  readonly sql: string;
  readonly value: unknown;
}

/**
 * Conditions of a list, joined by *and*. A value that is undefined filters nothing. Columns are SQL of ours,
 * values travel as parameters.
 */
export class Filters {
  private readonly conditions: Condition[] = [];

  equals(column: string, value: Value | undefined): this {
    return this.that(`${column} = ?`, value);
  }

  oneOf(column: string, values: readonly Value[] | undefined): this {
    return this.that(`${column} = any(?)`, values);
  }

  /** Any of several columns, as text, equals the value: an id or an external reference, for example. */
  anyEquals(columns: readonly string[], value: Value | undefined): this {
    return this.that(`(${columns.map((column) => `${column}::text = ?`).join(' or ')})`, value);
  }

  atLeast(column: string, value: Value | undefined): this {
    return this.that(`${column} >= ?`, value);
  }

  below(column: string, value: Value | undefined): this {
    return this.that(`${column} < ?`, value);
  }

  /** Text that begins with the given one, whatever the case. */
  prefix(column: string, text: string | undefined): this {
    const pattern = text === undefined ? undefined : `${text.replace(/[\\%_]/g, '\\$&')}%`;
    return this.that(`${column} ilike ?`, pattern);
  }

  /** Any other condition on one value, with `?` where the value goes. */
  that(sql: string, value: unknown): this {
    if (value !== undefined) this.conditions.push({ sql, value });
    return this;
  }

  /** The condition in SQL, `true` when there is none. @param startIndex number of its first `$` parameter */
  where(startIndex = 1): string {
    if (this.conditions.length === 0) return 'true';
    return this.conditions
      .map(({ sql }, index) => sql.replaceAll('?', `$${startIndex + index}`))
      .join(' and ');
  }

  /** The parameters, in the order of `where`. */
  get values(): readonly unknown[] {
    return this.conditions.map(({ value }) => value);
  }
}
