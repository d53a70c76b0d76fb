import { RowFault, type FactSink, type JsonValue, type SourceRow } from '../types';
import { owned } from './identity';
import type { RowPlan } from './plan';
import type { Fields } from './read';
import type { Recall } from './recall';

interface Group {
  /** The first of its good rows. */
  first: SourceRow;
  customer: string | undefined;
  readonly lines: JsonValue[];
  rows: number;
  lastRow: number;
  /** The line of a row that could not be taken: the fact would be wrong without it, so that none of it is. */
  spoiledBy?: number;
}

/**
 * Gathers the rows of one external key into one fact. A group is complete when none of its rows came in the last
 * `window` rows; a row of it that comes later still is refused, never lost and never a second fact.
 */
export class Grouping {
  /** In the order of their last row. */
  private readonly open = new Map<string, Group>();
  private recent: string | undefined;
  private rowNumber = 0;

  constructor(
    private readonly plan: RowPlan,
    private readonly file: string,
    private readonly sink: FactSink,
    private readonly closed: Recall,
    private readonly window: number,
  ) {}

  /** @throws RowFault `group.scattered`, `group.customer-differs` and those of the row's own values */
  add(row: SourceRow): void {
    const key = this.plan.key(row.fields);
    const line = this.plan.line?.(row.fields);
    const customer = this.plan.customer?.(row.fields, []);
    const group = this.groupOf(key, row, customer);
    if (group.rows === 0) {
      group.first = row;
      group.customer = customer;
    }
    if (group.customer !== customer) {
      throw new RowFault(
        'group.customer-differs',
        `another customer than line ${String(group.first.line)} of the same key`,
      );
    }
    if (line !== undefined) group.lines.push(line);
    group.rows += 1;
  }

  /** A row of a group was refused. */
  spoil(row: SourceRow): void {
    const key = this.keyOrNothing(row.fields);
    if (key === undefined || (!this.open.has(key) && this.closed.has(key))) return;
    this.groupOf(key, row, undefined).spoiledBy ??= row.line;
  }

  end(): void {
    for (const [key, group] of this.open) this.close(key, group);
  }

  private keyOrNothing(fields: Fields): string | undefined {
    try {
      return this.plan.key(fields);
    } catch (error) {
      if (error instanceof RowFault) return undefined;
      throw error;
    }
  }

  private groupOf(key: string, row: SourceRow, customer: string | undefined): Group {
    this.rowNumber += 1;
    this.closeOld();
    const known = this.open.get(key);
    if (known) {
      known.lastRow = this.rowNumber;
      if (this.recent !== key) this.touch(key, known);
      return known;
    }
    if (this.closed.has(key)) {
      throw new RowFault(
        'group.scattered',
        `its group ended more than ${String(this.window)} rows before: sort the file or raise group.window`,
      );
    }
    const group: Group = { first: row, customer, lines: [], rows: 0, lastRow: this.rowNumber };
    this.touch(owned(key), group);
    return group;
  }

  private touch(key: string, group: Group): void {
    this.open.delete(key);
    this.open.set(key, group);
    this.recent = key;
  }

  private closeOld(): void {
    for (const [key, group] of this.open) {
      if (this.rowNumber - group.lastRow <= this.window) return;
      this.close(key, group);
    }
  }

  private close(key: string, group: Group): void {
    this.open.delete(key);
    this.closed.add(key);
    const { first, rows, lines, spoiledBy } = group;
    if (rows === 0) return;
    const fault = spoiledBy === undefined ? this.send(key, group) : incomplete(spoiledBy);
    if (!fault) return;
    this.sink.problem({
      ...{ level: 'error', file: this.file, line: first.line, rows, rule: fault.rule },
      ...(fault.column !== undefined && { column: fault.column }),
      message: lines.length > 1 ? `${fault.message} (${String(rows)} rows)` : fault.message,
    });
  }

  private send(key: string, { first, rows, lines }: Group): RowFault | undefined {
    try {
      const commands = this.plan.commands(first.fields, key, lines);
      this.sink.fact({ file: this.file, line: first.line, rows, commands });
      return undefined;
    } catch (error) {
      if (error instanceof RowFault) return error;
      throw error;
    }
  }
}

const incomplete = (line: number): RowFault =>
  new RowFault(
    'group.incomplete',
    `left out as a whole because line ${String(line)} of the same key was refused`,
  );
