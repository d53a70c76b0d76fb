import { ByteWriter } from './byte-writer';
import { writtenMilliseconds } from './written-instant';

/** Element types that `arrayOf` writes. */
export type ElementType =
  'uuid' | 'text' | 'bigint' | 'integer' | 'double precision' | 'boolean' | 'timestamptz' | 'date' | 'jsonb';

/** A value that its column's type does not have: the fault of whoever made the value, not of the database. */
export class UnstorableValue extends Error {}

/** Microseconds and days of PostgreSQL count from 2000-01-01. */
const EPOCH_MILLISECONDS = Date.UTC(2000, 0, 1);
const DAY_MILLISECONDS = 86_400_000;
const LARGEST_INTEGER = 2 ** 31;
const INFINITY = 9223372036854775807n;

interface Element {
  readonly oid: number;
  readonly write: (to: ByteWriter, value: unknown) => void;
}

const elements: Readonly<Record<ElementType, Element>> = {
  uuid: { oid: 2950, write: writeUuid },
  text: { oid: 25, write: writeText },
  bigint: { oid: 20, write: writeBigint },
  integer: { oid: 23, write: writeInteger },
  'double precision': { oid: 701, write: writeDouble },
  boolean: { oid: 16, write: writeBoolean },
  timestamptz: { oid: 1184, write: writeInstant },
  date: { oid: 1082, write: writeDate },
  jsonb: { oid: 3802, write: writeJson },
};

const shared = new ByteWriter();

/**
 * A one-dimensional array in PostgreSQL's binary form, for a parameter `$n::type[]`; undefined and null are NULL.
 * Nothing is quoted on the way and nothing parsed on arrival, which for rows by the thousand costs the server a third
 * of what JSON or text arrays cost it. Instants are RFC 3339 text or `infinity`, dates `YYYY-MM-DD`, bigints numbers
 * or bigints, jsonb any JSON value.
 * @throws UnstorableValue for a value that the type does not have
 */
export function arrayOf(type: ElementType, values: readonly unknown[]): Buffer {
  shared.clear();
  writeArray(shared, type, values);
  return shared.copy();
}

/**
 * Makes arrays one behind the other in memory that is used again: buffers of their own for hundreds of statements a
 * second have the garbage collector stop the process several times a second.
 */
export class ArrayPacker {
  private readonly writer = new ByteWriter();

  /** As `arrayOf`; what it returns holds until `clear`. */
  arrayOf(type: ElementType, values: readonly unknown[]): Buffer {
    const start = this.writer.length;
    writeArray(this.writer, type, values);
    return this.writer.viewFrom(start);
  }

  /** Gives up all arrays that were made. */
  clear(): void {
    this.writer.clear();
  }
}

function writeArray(to: ByteWriter, type: ElementType, values: readonly unknown[]): void {
  const { oid, write } = elements[type];
  if (values.length === 0) {
    to.int32(0).int32(0).int32(oid);
    return;
  }
  to.int32(1).int32(1).int32(oid).int32(values.length).int32(1);
  for (const value of values) {
    if (value === undefined || value === null) to.int32(-1);
    else write(to, value);
  }
}

/** Column types of which `fieldWriter` writes values. */
export type FieldType = ElementType | 'text[]';

/**
 * Writes one field of a row in the binary form of COPY: its length and its bytes; undefined and null are NULL.
 * The writer that it returns throws `UnstorableValue` for a value that the type does not have.
 */
export function fieldWriter(type: FieldType): (to: ByteWriter, value: unknown) => void {
  const write = type === 'text[]' ? writeTexts : elements[type].write;
  return (to, value) => {
    if (value === undefined || value === null) to.int32(-1);
    else write(to, value);
  };
}

function writeTexts(to: ByteWriter, value: unknown): void {
  if (!Array.isArray(value)) throw unstorable('text[]', value);
  const { oid } = elements.text;
  const start = to.int32(0).length;
  if (value.length === 0) to.int32(0).int32(0).int32(oid);
  else {
    to.int32(1).int32(0).int32(oid).int32(value.length).int32(1);
    for (const item of value) to.sizedText(String(item));
  }
  to.setInt32(start - 4, to.length - start);
}

function writeUuid(to: ByteWriter, value: unknown): void {
  to.int32(16);
  if (typeof value !== 'string' || !to.uuid(value)) throw unstorable('uuid', value);
}

function writeText(to: ByteWriter, value: unknown): void {
  if (typeof value !== 'string') throw unstorable('text', value);
  to.sizedText(value);
}

function writeJson(to: ByteWriter, value: unknown): void {
  to.sizedText(JSON.stringify(value), 1);
}

function writeBigint(to: ByteWriter, value: unknown): void {
  to.int32(8);
  // Nearly all are small enough, and several times as fast that way.
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) to.int64(number);
  else if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) to.bigint(value);
  else throw unstorable('bigint', value);
}

function writeInteger(to: ByteWriter, value: unknown): void {
  if (
    typeof value !== 'number' ||
    !Number.isInteger(value) ||
    value < -LARGEST_INTEGER ||
    value >= LARGEST_INTEGER
  )
    throw unstorable('integer', value);
  to.int32(4).int32(value);
}

function writeDouble(to: ByteWriter, value: unknown): void {
  if (typeof value !== 'number') throw unstorable('double precision', value);
  to.int32(8).double(value);
}

function writeBoolean(to: ByteWriter, value: unknown): void {
  if (typeof value !== 'boolean') throw unstorable('boolean', value);
  to.int32(1).byte(value ? 1 : 0);
}

function writeInstant(to: ByteWriter, value: unknown): void {
  to.int32(8);
  if (value === 'infinity') {
    to.bigint(INFINITY);
    return;
  }
  const milliseconds = millisecondsOf('timestamptz', value) - EPOCH_MILLISECONDS;
  const microseconds = milliseconds * 1_000;
  if (Number.isSafeInteger(microseconds)) to.int64(microseconds);
  else to.bigint(BigInt(milliseconds) * 1_000n);
}

function writeDate(to: ByteWriter, value: unknown): void {
  to.int32(4).int32((millisecondsOf('date', value) - EPOCH_MILLISECONDS) / DAY_MILLISECONDS);
}

/** A moment stands in several columns of a row, and in those of its neighbours: the last two are kept. */
const last = { text: '', milliseconds: Number.NaN, textBefore: '', millisecondsBefore: Number.NaN };

function millisecondsOf(type: ElementType, value: unknown): number {
  if (typeof value !== 'string') throw unstorable(type, value);
  if (value === last.text) return last.milliseconds;
  if (value === last.textBefore) return last.millisecondsBefore;
  const written = writtenMilliseconds(value);
  const milliseconds = Number.isNaN(written) ? Date.parse(value) : written;
  if (Number.isNaN(milliseconds)) throw unstorable(type, value);
  last.textBefore = last.text;
  last.millisecondsBefore = last.milliseconds;
  last.text = value;
  last.milliseconds = milliseconds;
  return milliseconds;
}

/** Says of what kind the value is, not what it is: it may be personal. */
const unstorable = (type: FieldType, value: unknown): UnstorableValue =>
  new UnstorableValue(`a ${typeof value} that is no ${type}`);
