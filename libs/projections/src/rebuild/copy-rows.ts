import type { FieldType } from '@guanxi/pg-arrays';
import { ByteWriter, UnstorableValue, fieldWriter } from '@guanxi/pg-arrays';
import type { FieldColumns, ColumnList } from '../row-codec';

type Write = (to: ByteWriter, value: unknown) => void;

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = -1;

/** A column with its value in the row before, and where that stands. */
interface Column {
  readonly field: string;
  readonly name: string;
  readonly write: Write;
  value: unknown;
  start: number;
  end: number;
}

const columnFor = (field: string, name: string, type: FieldType): Column => ({
  ...{ field, name, write: fieldWriter(type) },
  ...{ value: undefined, start: 0, end: 0 },
});

/**
 * Rows of one table as a binary COPY takes them, the key first. The rows of a key come one behind the other and have
 * most values in common: such a value is encoded once, and its bytes are written again.
 */
export class CopyRows {
  /** The columns' names, for the statement. */
  readonly names: string;
  count = 0;
  private readonly bytes = new ByteWriter();
  private readonly key = columnFor('id', 'id', 'uuid');
  private readonly fields: readonly Column[];
  private readonly own: readonly Column[];

  /**
   * @param fields columns that show a row's fields
   * @param own the engine's own columns behind them
   */
  constructor(fields: FieldColumns, own: ColumnList) {
    this.names = ['id', ...fields.map(({ name }) => name), ...own.map(({ name }) => name)].join(', ');
    this.fields = fields.map(({ field, name, type }) => columnFor(field, name, type));
    this.own = own.map(({ name, type }) => columnFor(name, name, type));
    this.bytes.bytes(SIGNATURE, 0, SIGNATURE.length);
  }

  /**
   * Plain loops, because rows come through here by the million.
   * @throws UnstorableValue when a value does not fit its column; all rows are void then
   */
  add(id: string, row: Readonly<Record<string, unknown>>, own: readonly unknown[]): void {
    const { bytes, fields } = this;
    bytes.int16(1 + fields.length + own.length);
    put(bytes, this.key, id);
    for (const column of fields) put(bytes, column, row[column.field]);
    let at = 0;
    for (const column of this.own) put(bytes, column, own[at++]);
    this.count += 1;
  }

  /** All rows, with beginning and end of a COPY; no row may be added after that. */
  whole(): Buffer {
    return this.bytes.int16(TRAILER).view();
  }
}

function put(bytes: ByteWriter, column: Column, value: unknown): void {
  if (value === undefined || value === null) {
    bytes.int32(-1);
    return;
  }
  const start = bytes.length;
  if (value === column.value) {
    bytes.again(column.start, column.end);
    return;
  }
  try {
    column.write(bytes, value);
  } catch (error) {
    throw error instanceof UnstorableValue ? new UnstorableValue(`${column.name}: ${error.message}`) : error;
  }
  column.value = value;
  column.start = start;
  column.end = bytes.length;
}
