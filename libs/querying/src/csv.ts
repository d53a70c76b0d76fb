/**
 * Rows as CSV (RFC 4180) with a header row; a nested object's fields become columns `a.b`. Where it is null in some rows,
 * these leave its columns empty and there is no column `a`.
 */
export function csvOf(rows: readonly unknown[]): string {
  const flat = rows.map(flatten);
  const columns = columnsOf(flat);
  if (columns.length === 0) return '';
  const lines = flat.map((row) => columns.map((column) => cell(row.get(column))).join(','));
  return [columns.map(cell).join(','), ...lines, ''].join('\r\n');
}

/** In the order in which they first appear; those of a nested object where that object first stands, null or not. */
function columnsOf(flat: readonly ReadonlyMap<string, unknown>[]): readonly string[] {
  const all = [...new Set(flat.flatMap((row) => [...row.keys()]))];
  const placed = new Set<string>();
  for (const column of all) {
    const nested = all.filter((each) => each.startsWith(`${column}.`));
    const onlyNested = nested.length > 0 && flat.every((row) => (row.get(column) ?? null) === null);
    for (const each of onlyNested ? nested : [column]) placed.add(each);
  }
  return [...placed];
}

function flatten(row: unknown): ReadonlyMap<string, unknown> {
  const cells = new Map<string, unknown>();
  fill(cells, '', row);
  return cells;
}

function fill(cells: Map<string, unknown>, path: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    cells.set(path === '' ? 'value' : path, value);
    return;
  }
  for (const [name, inner] of Object.entries(value))
    fill(cells, path === '' ? name : `${path}.${name}`, inner);
}

/** Spreadsheets take a text that begins so for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return quoted(typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text);
}

const quoted = (text: string): string =>
  /[",\r\n]|^'/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
