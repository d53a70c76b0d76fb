import { ByteWriter, fieldWriter } from '@guanxi/pg-arrays';
import type { FieldColumns, ColumnList } from '../row-codec';

type Write = (to: ByteWriter, value: unknown) => void;

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = -1;

const writeKey = fieldWriter('uuid');

/** Rows of one table as a binary COPY takes them, the key first. */
export class CopyRows {
  /** The columns' names, for the statement. */
  readonly names: string;
  count = 0;
  private readonly bytes = new ByteWriter();
  private readonly fields: readonly string[];
  private readonly fieldWriters: readonly Write[];
  private readonly ownWriters: readonly Write[];

  /**
   * @param fields columns that show a row's fields
   * @param own the engine's own columns behind them
   */
  constructor(fields: FieldColumns, own: ColumnList) {
    this.names = ['id', ...fields.map(({ name }) => name), ...own.map(({ name }) => name)].join(', ');
    this.fields = fields.map(({ field }) => field);
    this.fieldWriters = fields.map(({ type }) => fieldWriter(type));
    this.ownWriters = own.map(({ type }) => fieldWriter(type));
    this.bytes.bytes(SIGNATURE, 0, SIGNATURE.length);
  }

  /**
   * Plain loops, because rows come through here by the million.
   * @throws UnstorableValue when a value does not fit its column; all rows are void then
   */
  add(id: string, row: Readonly<Record<string, unknown>>, own: readonly unknown[]): void {
    const { bytes, fields, fieldWriters, ownWriters } = this;
    bytes.int16(1 + fields.length + ownWriters.length);
    writeKey(bytes, id);
    for (let at = 0; at < fields.length; at += 1) fieldWriters[at]?.(bytes, row[fields[at] ?? '']);
    for (let at = 0; at < ownWriters.length; at += 1) ownWriters[at]?.(bytes, own[at]);
    this.count += 1;
  }

  /** All rows, with beginning and end of a COPY; no row may be added after that. */
  whole(): Buffer {
    return this.bytes.int16(TRAILER).view();
  }
}
