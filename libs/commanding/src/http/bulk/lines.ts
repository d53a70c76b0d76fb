import { DomainError } from '@guanxi/kernel';

/** Bytes that a line may have. */
export const MOST_LINE_BYTES = 1_000_000;

const NEWLINE = 0x0a;

/** A line, or word that it was too long to keep. */
export type Line = Uint8Array | 'too-long';

/**
 * Cuts a stream of bytes into lines, a batch for each chunk. What follows the last newline counts as a line once
 * the stream has ended as it should. A line over the limit is dropped while it arrives.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Line[]> {
  let held: Uint8Array[] = [];
  let size = 0;
  const take = (end: Uint8Array): Line => {
    const line =
      size + end.length > MOST_LINE_BYTES
        ? 'too-long'
        : held.length === 0
          ? end
          : Buffer.concat([...held, end]);
    held = [];
    size = 0;
    return line;
  };
  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(take(chunk.subarray(start, end)));
      start = end + 1;
    }
    if (start < chunk.length) {
      size += chunk.length - start;
      if (size <= MOST_LINE_BYTES) held.push(chunk.subarray(start));
      else held = [];
    }
    if (lines.length > 0) yield lines;
  }
  if (size > 0) yield [take(new Uint8Array())];
}

/** True for a line of white space alone. */
export const isBlank = (line: Uint8Array): boolean =>
  line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

/** The refusal of a line over the limit. */
export const lineTooLong = (): DomainError =>
  new DomainError('body.too-large', 'invalid', `a line holds at most ${MOST_LINE_BYTES} bytes`, {
    limit: MOST_LINE_BYTES,
  });
