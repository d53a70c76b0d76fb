import type { Answer } from '../client/client';
import { isRecord } from '../import/types';
import { isMoney } from './amounts';
import { type Column, at, columnsOf, fields, table } from './table';

/** How a query's answer is shown: which of its lists, with which columns. */
export interface View {
  /** Lists of the answer, each under its title. */
  readonly lists: readonly {
    readonly path: string;
    readonly title?: string;
    readonly columns?: readonly Column[];
  }[];
  /** Figures above the lists. */
  readonly figures?: readonly Column[];
  /** What leads to the next page, up to its cursor; `--cursor ` where not said. */
  readonly next?: string;
}

/** What every answer says about itself, in one line. */
function heading({ asOf, asKnownAt, position }: Answer): string {
  const known = [asOf, asKnownAt, position].every((value) => typeof value === 'string');
  return known
    ? `as of ${String(asOf)}, as known at ${String(asKnownAt)} (position ${String(position)})`
    : '';
}

/** An answer for people. */
export function shownAnswer(answer: Answer, view: View = viewOf(answer)): string {
  const parts = [heading(answer)];
  if (view.figures) parts.push(fields(answer, view.figures));
  for (const { path, title, columns } of view.lists) {
    const rows = at(answer, path);
    if (!Array.isArray(rows)) continue;
    const list: readonly unknown[] = rows;
    const body = list.length === 0 ? 'none' : table(list, telling(list, columns ?? columnsOf(list)));
    parts.push(title === undefined ? body : `${title}\n${body}`);
  }
  const { nextCursor } = answer;
  if (typeof nextCursor === 'string') parts.push(`more with ${view.next ?? '--cursor '}${nextCursor}`);
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Leaves out labels that only repeat the keys. */
const telling = (rows: readonly unknown[], columns: readonly Column[]): readonly Column[] =>
  rows.every((row) => at(row, 'label') === at(row, 'key'))
    ? columns.filter(({ path }) => path !== 'label')
    : columns;

const SAID_ALREADY = new Set(['asOf', 'asKnownAt', 'position', 'policyVersion', 'nextCursor']);

/** Whatever an answer holds: its lists of things as tables, the rest as figures. */
export function viewOf(answer: Answer): View {
  const lists: { path: string; title: string }[] = [];
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(answer)) {
    if (SAID_ALREADY.has(name)) continue;
    if (Array.isArray(value) && value.every((row) => isRecord(row) && !isMoney(row)))
      lists.push({ path: name, title: name });
    else rest[name] = value;
  }
  return { lists, figures: columnsOf([rest]) };
}
