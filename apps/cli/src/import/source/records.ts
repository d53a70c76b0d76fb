import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { ImportFailure, type SourceRow } from '../types';
import { readBytes } from './bytes';
import { InvalidBytes, decoderFor } from './decode';
import type { SourceFormat } from './format';
import { tokenizerFor, type Tokenizer } from './tokenize';

/** What a first pass over a file found. */
export interface Inspection {
  readonly path: string;
  readonly columns: readonly string[];
  /** Of the bytes on disk. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * The data records of a file in batches of one chunk, the header left out.
 * @throws ImportFailure `file.unreadable`, `file.encoding`, `csv.quote-unclosed`, `csv.quote-misplaced`
 */
export async function* readRecords(
  path: string,
  format: SourceFormat,
  onRaw: (chunk: Buffer) => void,
): AsyncGenerator<readonly SourceRow[]> {
  let headerDue = format.header;
  for await (const rows of readAll(path, format, onRaw)) {
    const data = headerDue && rows.length > 0 ? rows.slice(1) : rows;
    if (rows.length > 0) headerDue = false;
    if (data.length > 0) yield data;
  }
}

/**
 * Reads a file from end to end without using it, so that a fault that spoils the whole (an encoding, a quote that is
 * never closed) is known before anything is sent. A glance that skips what cannot be at fault is enough for most
 * files; one that finds anything odd leaves the word, and the line, to a full reading.
 * @throws ImportFailure as readRecords, and `file.empty`
 */
export async function inspect(path: string, format: SourceFormat): Promise<Inspection> {
  const hash = createHash('sha256');
  let bytes = 0;
  const glance = await glanceAt(path, format, (chunk) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  const first = glance ?? (await readFully(path, format));
  if (first === undefined) throw new ImportFailure('file.empty', `${basename(path)} is empty`);
  return {
    path,
    columns: format.header ? first.fields.map((name) => name.trim()) : (format.columns ?? []),
    sha256: hash.digest('hex'),
    bytes,
  };
}

/** The first record; undefined when there is none, or when the file is odd and must be read fully. */
async function glanceAt(
  path: string,
  format: SourceFormat,
  onRaw: (chunk: Buffer) => void,
): Promise<SourceRow | undefined> {
  const decoder = decoderFor(format.encoding);
  const tokenizer = tokenizerFor(format, basename(path));
  let first: SourceRow | undefined;
  let isOdd = false;
  const look = (decode: () => string, last: boolean): void => {
    if (isOdd) return;
    try {
      const text = decode();
      if (first === undefined) [first] = tokenizer.push(text, last);
      else tokenizer.skim(text, last);
    } catch (error) {
      if (!(error instanceof InvalidBytes || error instanceof ImportFailure)) throw error;
      isOdd = true;
    }
  };
  // To the end also when odd: the hash is that of the whole file.
  for await (const chunk of readBytes(path, onRaw)) look(() => decoder.write(chunk), false);
  look(() => decoder.end(), true);
  return isOdd ? undefined : first;
}

/** The first record, once all others were read too. */
async function readFully(path: string, format: SourceFormat): Promise<SourceRow | undefined> {
  let first: SourceRow | undefined;
  for await (const rows of readAll(path, format, () => undefined)) first ??= rows[0];
  return first;
}

async function* readAll(
  path: string,
  format: SourceFormat,
  onRaw: (chunk: Buffer) => void,
): AsyncGenerator<SourceRow[]> {
  const file = basename(path);
  const decoder = decoderFor(format.encoding);
  const tokenizer = tokenizerFor(format, file);
  const decoded = (decode: () => string): string => {
    try {
      return decode();
    } catch (error) {
      throw error instanceof InvalidBytes ? wrongEncoding(file, format, tokenizer, error) : error;
    }
  };
  for await (const chunk of readBytes(path, onRaw))
    yield tokenizer.push(
      decoded(() => decoder.write(chunk)),
      false,
    );
  yield tokenizer.push(
    decoded(() => decoder.end()),
    true,
  );
}

function wrongEncoding(
  file: string,
  format: SourceFormat,
  tokenizer: Tokenizer,
  error: InvalidBytes,
): ImportFailure {
  const line = tokenizer.line + tokenizer.held.split('\n').length - 1 + error.linesBefore;
  return new ImportFailure(
    'file.encoding',
    `${file}, line ${String(line)}: not valid ${format.encoding}; name the file's encoding in the mapping (source.encoding)`,
  );
}
