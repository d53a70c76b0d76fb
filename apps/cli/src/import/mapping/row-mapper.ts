import { RowFault, type Fault, type FactSink, type RowProblem, type SourceRow } from '../types';
import type { Columns } from './columns';
import { Grouping } from './grouping';
import type { ImportMemory, RowPlan } from './plan';

/** Turns the rows of one file into facts and problems, in the order of the file. */
export class RowMapper {
  private readonly grouping: Grouping | undefined;

  /** @param window rows between two rows of a group; without it each row is a fact of its own */
  constructor(
    private readonly plan: RowPlan,
    private readonly columns: Columns,
    private readonly file: string,
    private readonly sink: FactSink,
    memory: ImportMemory,
    window: number | undefined,
  ) {
    this.grouping =
      window === undefined ? undefined : new Grouping(plan, file, sink, memory.closedGroups, window);
  }

  add(row: SourceRow): void {
    try {
      const fault = row.fault ?? this.wrongWidth(row) ?? this.rejected(row);
      if (fault) this.refuse(row, fault);
      else if (this.grouping) this.grouping.add(row);
      else this.single(row);
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      this.refuse(row, error);
    }
  }

  /** The file is at its end: what was held for more rows goes out. */
  end(): void {
    this.grouping?.end();
  }

  private single(row: SourceRow): void {
    const key = this.plan.key(row.fields);
    const { line } = this.plan;
    const commands = this.plan.commands(row.fields, key, line ? [line(row.fields)] : []);
    this.sink.fact({ file: this.file, line: row.line, rows: 1, commands });
  }

  private rejected(row: SourceRow): Fault | undefined {
    return this.plan.reject.find(({ applies }) => applies(row.fields));
  }

  /** Fields may be missing at the end of a row if the mapping can do without them; that is told all the same. */
  private wrongWidth(row: SourceRow): Fault | undefined {
    const expected = this.columns.names.length;
    const found = row.fields.length;
    if (found === expected) return undefined;
    const told = `${String(found)} fields where the table has ${String(expected)}`;
    if (found > expected) return { rule: 'row.too-long', message: told };
    const missing = this.columns.names.slice(found);
    const needed = missing.find((name) => this.columns.isRequired(name));
    if (needed !== undefined) return { rule: 'row.too-short', message: told, column: needed };
    this.sink.problem({
      ...{ level: 'warning', file: this.file, line: row.line, rows: 1, rule: 'row.too-short' },
      ...(missing[0] !== undefined && { column: missing[0] }),
      message: `${told}; taken without ${missing.join(', ')}`,
    });
    return undefined;
  }

  private refuse(row: SourceRow, { rule, message, column }: Fault): void {
    const problem: RowProblem = { level: 'error', file: this.file, line: row.line, rows: 1, rule, message };
    this.sink.problem(column === undefined ? problem : { ...problem, column });
    if (row.fault === undefined) this.grouping?.spoil(row);
  }
}
