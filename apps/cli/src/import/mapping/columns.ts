import { ImportFailure } from '../types';

/** The columns of one file, and which of them the mapping uses. */
export class Columns {
  private readonly required = new Set<string>();
  private readonly missing = new Set<string>();

  constructor(
    readonly names: readonly string[],
    private readonly file: string,
  ) {}

  /**
   * Where a column stands; one that is missing is collected for `check`.
   * @param required false when the column's value may be absent from a row
   */
  index(name: string, required: boolean): number {
    const at = this.names.indexOf(name);
    if (at < 0) this.missing.add(name);
    if (this.names.indexOf(name, at + 1) > at && at >= 0) {
      throw new ImportFailure('mapping.column-ambiguous', `${this.file} has two columns "${name}"`);
    }
    if (required) this.required.add(name);
    return at;
  }

  isRequired(name: string): boolean {
    return this.required.has(name);
  }

  /** @throws ImportFailure `mapping.column-missing`, naming every column that the mapping wants and the file lacks */
  check(): void {
    if (this.missing.size === 0) return;
    const missing = [...this.missing].map((name) => `"${name}"`).join(', ');
    throw new ImportFailure(
      'mapping.column-missing',
      `${this.file} has no column ${missing}; it has ${this.names.map((name) => `"${name}"`).join(', ')}`,
    );
  }
}
