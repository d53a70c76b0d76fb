import { Status } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb';

/** A message that knows its bytes. */
interface Serialisable {
  serializeBinary(): Uint8Array;
}

/** A varint, as protocol buffers write numbers. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

/** A field of bytes: its number with wire type 2, its length, its bytes. */
const field = (number: number, bytes: Uint8Array): number[] => [
  ...varint(number * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
];

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The bytes of `google.rpc.Status` with one detail; the package that holds `Any` is none of this project's. */
export function statusBytes(
  code: number,
  message: string,
  typeName: string,
  detail: Serialisable,
): Uint8Array {
  const any = [...field(1, text(`type.googleapis.com/${typeName}`)), ...field(2, detail.serializeBinary())];
  return Uint8Array.from([8, ...varint(code), ...field(2, text(message)), ...field(3, Uint8Array.from(any))]);
}

/** `google.rpc.Status` with one detail, as an answer to a batch carries it. */
export const statusWith = (code: number, typeName: string, detail: Serialisable): Status =>
  Status.deserializeBinary(statusBytes(code, typeName, typeName, detail));
