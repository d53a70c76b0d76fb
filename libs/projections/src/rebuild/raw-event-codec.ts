import type { EventMetadata, Instant, JsonObject, RecordedEvent } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import { ByteWriter, fieldWriter } from '@guanxi/pg-arrays';

/** Where the fields of a raw row begin: those of fixed length come first, each behind its own length. */
const AT = { position: 6, revision: 18, occurredAt: 26, recordedAt: 38, id: 50, type: 70 } as const;
const FIELDS = 8;
const UUID_BYTES = 16;
const EPOCH_MILLISECONDS = Date.UTC(2000, 0, 1);
const UINT32 = 2 ** 32;

/** Types are few: each is one string, however often it is read. */
const knownTypes = new Map<string, string>();

/**
 * An event in the bytes of its raw row. What a fold does not ask for is not decoded, and what it asks for once is kept.
 * A read model sees nothing of an event's metadata, so that raw rows do not carry it.
 */
export class RawEvent implements RecordedEvent {
  readonly type: string;
  readonly stream: string;
  private readonly dataAt: number;
  private knownPosition: bigint | undefined;
  private knownOccurredAt: Instant | undefined;
  private knownData: JsonObject | undefined;

  /** @param start where in `bytes` the row begins */
  constructor(
    private readonly bytes: Buffer,
    private readonly start: number,
  ) {
    const streamAt = start + AT.type + bytes.readInt32BE(start + AT.type - 4) + 4;
    const type = bytes.toString('latin1', start + AT.type, streamAt - 4);
    const known = knownTypes.get(type);
    if (known === undefined) knownTypes.set(type, type);
    this.type = known ?? type;
    this.dataAt = streamAt + bytes.readInt32BE(streamAt - 4) + 4;
    this.stream = bytes.toString('latin1', streamAt, this.dataAt - 4);
  }

  get position(): bigint {
    this.knownPosition ??= this.bytes.readBigInt64BE(this.start + AT.position);
    return this.knownPosition;
  }

  get revision(): number {
    return this.bytes.readInt32BE(this.start + AT.revision);
  }

  get occurredAt(): Instant {
    this.knownOccurredAt ??= this.instant(AT.occurredAt);
    return this.knownOccurredAt;
  }

  get recordedAt(): Instant {
    return this.instant(AT.recordedAt);
  }

  get id(): string {
    const digits = this.bytes.toString('hex', this.start + AT.id, this.start + AT.id + UUID_BYTES);
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  get data(): JsonObject {
    this.knownData ??= JSON.parse(
      this.bytes.toString('utf8', this.dataAt, this.dataAt + this.bytes.readInt32BE(this.dataAt - 4)),
    ) as JsonObject;
    return this.knownData;
  }

  get metadata(): EventMetadata {
    throw new Error(
      'a read model looks at what events say, not at their metadata: a rebuild does not read it',
    );
  }

  private instant(at: number): Instant {
    return instantAt(int64(this.bytes, this.start + at));
  }
}

/** The position of a row as a number: near enough to tell how far a reader is. */
export const placeOfRow = (bytes: Buffer, start: number): number => int64(bytes, start + AT.position);

const int64 = (bytes: Buffer, at: number): number =>
  bytes.readInt32BE(at) * UINT32 + bytes.readUInt32BE(at + 4);

/** Events of one append share a moment, and neighbours often do. */
const lastInstant = { microseconds: Number.NaN, text: '' as Instant };

function instantAt(microseconds: number): Instant {
  if (lastInstant.microseconds !== microseconds) {
    lastInstant.text = writtenAt(Math.floor(microseconds / 1_000) + EPOCH_MILLISECONDS);
    lastInstant.microseconds = microseconds;
  }
  return lastInstant.text;
}

const DAY = 86_400_000;
const KEPT_DAYS = 20_000;
/** Days are few, compared with moments: how each is written is kept. */
const writtenDays = new Map<number, string>();

function writtenAt(milliseconds: number): Instant {
  const day = Math.floor(milliseconds / DAY);
  let written = writtenDays.get(day);
  if (written === undefined) {
    if (writtenDays.size > KEPT_DAYS) writtenDays.clear();
    written = instantOf(new Date(day * DAY)).slice(0, 'YYYY-MM-DDT'.length);
    writtenDays.set(day, written);
  }
  const time = milliseconds - day * DAY;
  const minutes = Math.floor(time / 60_000);
  const thousandths = time % 1_000;
  const hour = TWO_DIGITS[Math.floor(minutes / 60)] ?? '';
  const second = TWO_DIGITS[Math.floor((time % 60_000) / 1_000)] ?? '';
  const end = thousandths === 0 ? '000' : String(thousandths).padStart(3, '0');
  return `${written}${hour}:${TWO_DIGITS[minutes % 60] ?? ''}:${second}.${end}Z` as Instant;
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/** All of an event but its metadata as a plain object, whose fields can be copied. */
export function plainEvent(event: RawEvent): RecordedEvent {
  const { id, type, stream, revision, position, occurredAt, recordedAt, data } = event;
  const plain = { id, type, stream, revision, position, occurredAt, recordedAt, data };
  return Object.defineProperty(plain, 'metadata', { get: () => event.metadata }) as unknown as RecordedEvent;
}

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const HEADER_BYTES = SIGNATURE.length + 8;
const TRAILER = -1;

/** Where the row that begins at `start` ends; undefined where the bytes end before it. */
export function endOfRow(bytes: Buffer, start: number): number | undefined {
  let at = start + 2;
  for (let field = 0; field < FIELDS; field += 1) {
    if (at + 4 > bytes.length) return undefined;
    at += 4 + Math.max(0, bytes.readInt32BE(at));
  }
  return at <= bytes.length ? at : undefined;
}

/** Cuts a binary COPY, which comes in chunks cut anywhere, into its rows. */
export class RowCutter {
  private rest: Buffer = Buffer.alloc(0);
  private begun = false;

  /** Tells the rows that are whole with this chunk; their bytes are not used again. */
  take(chunk: Buffer, tell: (bytes: Buffer, start: number, end: number) => void): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    if (!this.begun) {
      if (bytes.length < HEADER_BYTES) {
        this.rest = bytes;
        return;
      }
      if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw new Error('this is no binary COPY');
      at = HEADER_BYTES;
      this.begun = true;
    }
    while (at + 2 <= bytes.length) {
      if (bytes.readInt16BE(at) === TRAILER) {
        this.begun = false;
        at += 2;
        break;
      }
      const end = endOfRow(bytes, at);
      if (end === undefined) break;
      tell(bytes, at, end);
      at = end;
    }
    this.rest = bytes.subarray(at);
  }
}

const asBigint = fieldWriter('bigint');
const asInteger = fieldWriter('integer');
const asInstant = fieldWriter('timestamptz');
const asUuid = fieldWriter('uuid');
const asText = fieldWriter('text');

/** Writes events as a store of another kind would copy them. */
export class RawWriter {
  private readonly bytes = new ByteWriter();

  /** The beginning of a binary COPY. */
  static header(): Buffer {
    return Buffer.concat([SIGNATURE, Buffer.alloc(HEADER_BYTES - SIGNATURE.length)]);
  }

  /** The rows of events. */
  rows(events: readonly RecordedEvent[]): Buffer {
    this.bytes.clear();
    for (const { position, revision, occurredAt, recordedAt, id, type, stream, data } of events) {
      this.bytes.int16(FIELDS);
      asBigint(this.bytes, position);
      asInteger(this.bytes, revision);
      asInstant(this.bytes, occurredAt);
      asInstant(this.bytes, recordedAt);
      asUuid(this.bytes, id);
      asText(this.bytes, type);
      asText(this.bytes, stream);
      asText(this.bytes, JSON.stringify(data));
    }
    return this.bytes.copy();
  }
}
