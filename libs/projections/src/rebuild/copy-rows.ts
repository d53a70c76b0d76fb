import type { FieldType } from '@guanxi/pg-arrays';
import { ByteWriter, UnstorableValue, fieldWriter } from '@guanxi/pg-arrays';
import type { ColumnList, FieldColumns } from '../row-codec';

type Write = (to: ByteWriter, value: unknown) => void;

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = -1;

/** Stands for the value of a column in the row before the first. */
const NOTHING = Symbol('nothing');

/**
 * Rows of one table as a binary COPY takes them, the key first. The rows of a key come one behind the other and have
 * most values in common: what stands beside each other and is as in the row before is copied from there in one piece.
 */
export class CopyRows {
  /** The columns' names, for the statement. */
  readonly names: string;
  count = 0;
  private readonly bytes: ByteWriter;
  private readonly columns: readonly string[];
  private readonly writers: readonly Write[];
  /** The values of the row before. */
  private readonly values: unknown[];
  /** Where the fields of the row before begin and end. */
  private readonly starts: Float64Array;
  private readonly ends: Float64Array;
  /** The first column of those that are as in the row before and not copied yet; -1: there are none. */
  private unchanged = -1;

  /**
   * @param fields columns that show a row's fields
   * @param own the engine's own columns behind them
   * @param size about how many bytes all rows will have
   */
  constructor(fields: FieldColumns, own: ColumnList, size: number) {
    this.bytes = new ByteWriter(size);
    const all: ColumnList = [{ name: 'id', type: 'uuid' }, ...fields, ...own];
    this.columns = all.map(({ name }) => name);
    this.names = this.columns.join(', ');
    this.writers = all.map(({ name, type }) => writerFor(name, type));
    this.values = all.map(() => NOTHING);
    this.starts = new Float64Array(all.length);
    this.ends = new Float64Array(all.length);
    this.bytes.bytes(SIGNATURE, 0, SIGNATURE.length);
  }

  /**
   * Adds a row; plain loops, because rows come through here by the million.
   * @param fields values of the model's columns, in their order
   * @param own values of the engine's own columns
   * @throws UnstorableValue when a value does not fit its column; all rows are void then
   */
  add(id: string, fields: readonly unknown[], own: readonly unknown[]): void {
    this.bytes.int16(this.columns.length);
    let column = 0;
    this.put(column, id);
    for (const value of fields) this.put((column += 1), value ?? null);
    for (const value of own) this.put((column += 1), value ?? null);
    this.copyUnchanged(column + 1);
    this.count += 1;
  }

  /** Bytes of the rows. */
  get size(): number {
    return this.bytes.length;
  }

  /** All rows, with beginning and end of a COPY; no row may be added after that. */
  whole(): Buffer {
    return this.bytes.int16(TRAILER).view();
  }

  private put(column: number, value: unknown): void {
    if (value === this.values[column]) {
      if (this.unchanged < 0) this.unchanged = column;
      return;
    }
    this.copyUnchanged(column);
    this.starts[column] = this.bytes.length;
    this.writers[column]?.(this.bytes, value);
    this.ends[column] = this.bytes.length;
    this.values[column] = value;
  }

  /** Copies the fields before a column that are as in the row before. */
  private copyUnchanged(until: number): void {
    const from = this.unchanged;
    if (from < 0) return;
    this.unchanged = -1;
    const { bytes, starts, ends } = this;
    const start = starts[from] ?? 0;
    const moved = bytes.length - start;
    bytes.again(start, ends[until - 1] ?? start);
    for (let column = from; column < until; column += 1) {
      starts[column] = (starts[column] ?? 0) + moved;
      ends[column] = (ends[column] ?? 0) + moved;
    }
  }
}

function writerFor(name: string, type: FieldType): Write {
  const write = fieldWriter(type);
  return (bytes, value) => {
    try {
      write(bytes, value);
    } catch (error) {
      throw error instanceof UnstorableValue ? new UnstorableValue(`${name}: ${error.message}`) : error;
    }
  };
}
