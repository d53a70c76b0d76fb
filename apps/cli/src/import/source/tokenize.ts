import { Parser } from 'papaparse';
import { ImportFailure, RowFault, isRecord, type SourceRow } from '../types';
import type { SourceFormat } from './format';

/** Text to records, chunk by chunk. A record that is cut by the end of a chunk waits for the next. */
export interface Tokenizer {
  push(text: string, last: boolean): SourceRow[];
  /** Like `push` for who wants to know of faults alone; lines of messages mean nothing afterwards. */
  skim(text: string, last: boolean): void;
  /** The physical line where the text that is not yet a record starts. */
  readonly line: number;
  /** That text. */
  readonly held: string;
}

/** A record longer than this is a quote that was never closed (or no table at all): memory stays bounded. */
const longestRecord = 1024 * 1024;

/** @param file the name for messages */
export function tokenizerFor(format: SourceFormat, file: string): Tokenizer {
  if (format.format === 'csv') return new DelimitedTokenizer(format.separator, format.quote, file);
  if (format.format === 'whitespace') return new LineTokenizer((text) => text.split(/\s+/), file);
  return new LineTokenizer(ndjsonFields(format.columns ?? []), file);
}

interface Tokens {
  readonly data: readonly string[][];
  readonly errors: readonly { readonly code: string; readonly row: number }[];
  readonly meta: { readonly cursor: number };
}
// Papa's parser core is untyped; its shape is fixed by the pinned version and held by the tests beside this file.
const isTokens = (value: unknown): value is Tokens =>
  isRecord(value) &&
  Array.isArray(value['data']) &&
  Array.isArray(value['errors']) &&
  isRecord(value['meta']);

/** CSV by RFC 4180 with any separator and line end; a quote inside an unquoted field is part of it. */
class DelimitedTokenizer implements Tokenizer {
  held = '';
  line = 1;
  /** A line that the next chunk completes, and characters left out since a record was begun: both for `skim`. */
  private unskimmed = '';
  private skipped = 0;
  private skimming = false;
  private readonly parser: Parser;

  constructor(
    separator: string,
    private readonly quote: string,
    private readonly file: string,
  ) {
    this.parser = new Parser({
      delimiter: separator,
      newline: '\n',
      ...(quote === '' ? { fastMode: true } : { quoteChar: quote }),
    });
  }

  push(chunk: string, last: boolean): SourceRow[] {
    const text = this.held + chunk;
    if (text === '') return [];
    const tokens: unknown = this.parser.parse(text, 0, !last);
    if (!isTokens(tokens)) throw new Error('the CSV parser answered in another shape');
    const quoted = this.quote !== '' && text.includes(this.quote);
    const badRow = tokens.errors.find(({ row }) => last || row < tokens.data.length);
    const rows: SourceRow[] = [];
    tokens.data.forEach((fields, index) => {
      if (badRow?.row === index) this.refuseQuote(badRow.code);
      const line = this.line;
      this.line += quoted ? 1 + newlinesIn(fields) : 1;
      const end = fields.length - 1;
      const final = fields[end] ?? '';
      if (final.endsWith('\r')) fields[end] = final.slice(0, -1);
      if (end > 0 || fields[0] !== '') rows.push({ fields, line });
    });
    if (badRow !== undefined && badRow.row >= tokens.data.length) this.refuseQuote(badRow.code);
    this.held = last ? '' : text.slice(tokens.meta.cursor);
    if (this.held.length > longestRecord) throw tooLong(this.file, this.line, this.quote);
    return rows;
  }

  /** A line without a quote is a whole record or lies inside a quoted field: neither can be at fault. */
  skim(chunk: string, last: boolean): void {
    if (this.quote === '') {
      this.held = heldBehindLastLine(this.held + chunk, last, this.file, this.line);
      return;
    }
    // What `push` left unfinished is looked at again, with the rest of its line.
    const text = this.skimming ? this.unskimmed + chunk : this.held + chunk;
    if (!this.skimming) this.held = '';
    this.skimming = true;
    const end = last ? text.length : text.lastIndexOf('\n') + 1;
    const suspects = linesWith(this.quote, text.slice(0, end));
    this.unskimmed = text.slice(end);
    this.skipped += end - suspects.length;
    this.push(suspects, last);
    if (this.held === '') this.skipped = 0;
    if (this.held.length + this.skipped + this.unskimmed.length > longestRecord)
      throw tooLong(this.file, this.line, this.quote);
  }

  private refuseQuote(code: string): never {
    const what =
      code === 'MissingQuotes' ? 'a quote is opened and never closed' : 'text follows a closing quote';
    const rule = code === 'MissingQuotes' ? 'csv.quote-unclosed' : 'csv.quote-misplaced';
    throw new ImportFailure(rule, `${this.file}, line ${String(this.line)}: ${what}`);
  }
}

/** The lines that hold a quote, joined. */
function linesWith(quote: string, text: string): string {
  const found: string[] = [];
  for (let at = text.indexOf(quote); at >= 0;) {
    const newline = text.indexOf('\n', at);
    const behind = newline < 0 ? text.length : newline + 1;
    found.push(text.slice(text.lastIndexOf('\n', at) + 1, behind));
    at = text.indexOf(quote, behind);
  }
  return found.join('');
}

/** What stands behind the last newline. @throws ImportFailure when it is longer than a record may be */
function heldBehindLastLine(text: string, last: boolean, file: string, line: number): string {
  const held = last ? '' : text.slice(text.lastIndexOf('\n') + 1);
  if (held.length > longestRecord) throw tooLong(file, line, '');
  return held;
}

function newlinesIn(fields: readonly string[]): number {
  let count = 0;
  for (const field of fields) {
    for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) count += 1;
  }
  return count;
}

const tooLong = (file: string, line: number, quote: string): ImportFailure =>
  quote === ''
    ? new ImportFailure('file.record-too-long', `${file}, line ${String(line)}: longer than 1 MiB`)
    : new ImportFailure(
        'csv.quote-unclosed',
        `${file}, line ${String(line)}: a quote is opened and not closed within 1 MiB`,
      );

/** Formats where a record is a line. */
class LineTokenizer implements Tokenizer {
  held = '';
  line = 1;

  constructor(
    private readonly split: (text: string) => string[],
    private readonly file: string,
  ) {}

  push(chunk: string, last: boolean): SourceRow[] {
    const lines = (this.held + chunk).split('\n');
    this.held = last ? '' : (lines.pop() ?? '');
    const rows: SourceRow[] = [];
    for (const text of lines) {
      const row = text.trim();
      if (row !== '') rows.push(this.record(row));
      this.line += 1;
    }
    if (this.held.length > longestRecord) throw tooLong(this.file, this.line, '');
    return rows;
  }

  skim(chunk: string, last: boolean): void {
    this.held = heldBehindLastLine(this.held + chunk, last, this.file, this.line);
  }

  private record(text: string): SourceRow {
    try {
      return { fields: this.split(text), line: this.line };
    } catch (error) {
      if (error instanceof RowFault) return { fields: [], line: this.line, fault: error };
      throw error;
    }
  }
}

/** The values of a JSON object at dotted paths, as text; what is absent or null is blank. */
function ndjsonFields(columns: readonly string[]): (text: string) => string[] {
  const paths = columns.map((column) => column.split('.'));
  return (text) => {
    const document = parseJson(text);
    if (!isRecord(document)) throw new RowFault('ndjson.object', 'the line is no JSON object');
    return paths.map((path, index) => asText(valueAt(document, columns[index] ?? '', path), columns[index]));
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the content, which may be personal.
    throw new RowFault('ndjson.malformed', 'the line is not valid JSON');
  }
}

function valueAt(
  document: Readonly<Record<string, unknown>>,
  name: string,
  path: readonly string[],
): unknown {
  if (Object.hasOwn(document, name)) return document[name];
  let value: unknown = document;
  for (const step of path) value = isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return value;
}

function asText(value: unknown, column: string | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new RowFault('ndjson.scalar', 'a text, number or boolean is expected here', column);
}
