import { isRecord } from '../import/types';
import { amountInWords, isMoney, number, percent } from './amounts';

/** How a column's values are written: by what they are, as a share, with so many decimals, or however long they are. */
export type Kind = 'plain' | 'percent' | 'day' | 'short' | 'whole';

/** A column: where its value is found (`ageDays.p90`), what stands above it, how it is written. */
export interface Column {
  readonly path: string;
  readonly title: string;
  readonly kind: Kind;
}

export const column = (path: string, title = path, kind: Kind = 'plain'): Column => ({ path, title, kind });

const WIDEST = 48;
const NOTHING = '-';

/** Rows under their titles; numbers to the right, the rest to the left. A column without any value is left out. */
export function table(rows: readonly unknown[], columns: readonly Column[]): string {
  const cells = rows.map((row) => columns.map((each) => cell(at(row, each.path), each.kind)));
  const filled = columns.map(
    (_, index) => cells.some((row) => row[index]?.text !== NOTHING) || rows.length === 0,
  );
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((row) => row[index]?.text.length ?? 0)),
  );
  const rightAligned = columns.map((_, index) => cells.some((row) => row[index]?.numeric));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) =>
        rightAligned[index] ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0),
      )
      .filter((_, index) => filled[index])
      .join('  ')
      .trimEnd();
  const head = [line(columns.map(({ title }) => title)), line(widths.map((width) => '-'.repeat(width)))];
  return [...head, ...cells.map((row) => line(row.map(({ text }) => text)))].join('\n');
}

/** One thing: a line for each of its fields, however long: why something failed is told nowhere else. */
export function fields(thing: unknown, columns: readonly Column[]): string {
  const known = columns
    .map(({ path, title, kind }) => [title, cell(at(thing, path), kind, Infinity).text] as const)
    .filter(([, text]) => text !== NOTHING);
  const width = Math.max(0, ...known.map(([title]) => title.length));
  return known.map(([title, text]) => `${title.padEnd(width)}  ${text}`).join('\n');
}

/** Columns for whatever a row holds, in the order in which fields first appear. */
export function columnsOf(rows: readonly unknown[]): readonly Column[] {
  const paths = new Set<string>();
  for (const row of rows) for (const path of pathsOf(row, '')) paths.add(path);
  return [...paths].map((path) =>
    column(path, path, /rate$|share|timeliness|margin/i.test(path) ? 'percent' : 'plain'),
  );
}

function pathsOf(value: unknown, path: string): readonly string[] {
  if (!isRecord(value) || isMoney(value)) return path === '' ? [] : [path];
  return Object.entries(value).flatMap(([name, inner]) =>
    pathsOf(inner, path === '' ? name : `${path}.${name}`),
  );
}

/** The value at a dotted path; undefined where there is none. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value);
}

function cell(
  value: unknown,
  kind: Kind,
  widest = kind === 'whole' ? Infinity : WIDEST,
): { readonly text: string; readonly numeric: boolean } {
  if (value === undefined || value === null || value === '') return { text: NOTHING, numeric: false };
  if (isMoney(value)) return { text: amountInWords(value), numeric: true };
  if (typeof value === 'number') {
    return {
      text: kind === 'percent' ? percent(value) : number(value, kind === 'short' ? 1 : 2),
      numeric: true,
    };
  }
  if (typeof value === 'string')
    return { text: shown(kind === 'day' ? value.slice(0, 10) : value, widest), numeric: false };
  return {
    text: shown(Array.isArray(value) ? listed(value) : JSON.stringify(value), widest),
    numeric: false,
  };
}

const listed = (values: readonly unknown[]): string =>
  values.every((value) => typeof value === 'string') ? values.join(', ') : JSON.stringify(values);

/** On one line, without what a terminal takes for a command, and not too wide. */
function shown(text: string, widest: number): string {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  return plain.length > widest ? `${plain.slice(0, widest - 3)}...` : plain;
}
