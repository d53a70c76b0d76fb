import { isUtf8 } from 'node:buffer';
import { encodingExists, getDecoder } from 'iconv-lite';

/** Bytes that the encoding does not have, so many lines into the chunk that was being decoded. */
export class InvalidBytes extends Error {
  constructor(readonly linesBefore: number) {
    super('bytes that the encoding does not have');
  }
}

/** Bytes to text, chunk by chunk; a byte order mark is dropped, a wrong byte throws InvalidBytes. */
export interface TextDecoding {
  write(chunk: Buffer): string;
  end(): string;
}

/** True for an encoding that `decoderFor` knows. */
export const isEncoding = (name: string): boolean => encodingExists(name);

/** A decoder for one file. */
export function decoderFor(encoding: string): TextDecoding {
  const utf8 = /^utf-?8$/i.test(encoding);
  return withoutMark(utf8 ? utf8Decoder() : otherDecoder(encoding));
}

/** Native validation and decoding of whole chunks is several times as fast as a streaming decoder. */
function utf8Decoder(): TextDecoding {
  let held: Buffer = Buffer.alloc(0);
  const decode = (bytes: Buffer): string => {
    if (!isUtf8(bytes)) throw new InvalidBytes(linesBeforeInvalid(bytes));
    return bytes.toString('utf8');
  };
  return {
    write: (chunk) => {
      const bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
      const whole = bytes.length - danglingBytes(bytes);
      held = Buffer.from(bytes.subarray(whole));
      return decode(bytes.subarray(0, whole));
    },
    end: () => decode(held),
  };
}

/** How many bytes at the end begin a character that the next chunk completes. */
function danglingBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

function linesBeforeInvalid(bytes: Buffer): number {
  let lines = 0;
  for (let from = 0; from < bytes.length; lines += 1) {
    const end = bytes.indexOf(10, from);
    if (end < 0 || !isUtf8(bytes.subarray(from, end))) return lines;
    from = end + 1;
  }
  return lines;
}

function otherDecoder(encoding: string): TextDecoding {
  const decoder = getDecoder(encoding, { stripBOM: false });
  // iconv-lite answers a byte that the encoding lacks with U+FFFD.
  const checked = (text: string): string => {
    const at = text.indexOf('\uFFFD');
    if (at >= 0) throw new InvalidBytes(text.slice(0, at).split('\n').length - 1);
    return text;
  };
  return { write: (chunk) => checked(decoder.write(chunk)), end: () => checked(decoder.end() ?? '') };
}

function withoutMark(decoding: TextDecoding): TextDecoding {
  let started = false;
  const strip = (text: string): string => {
    if (started || text === '') return text;
    started = true;
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  };
  return { write: (chunk) => strip(decoding.write(chunk)), end: () => strip(decoding.end()) };
}
