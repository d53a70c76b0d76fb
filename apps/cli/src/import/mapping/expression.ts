import { ImportFailure } from '../types';
import { Section, scalar, wrongType } from './section';

/** Where a value comes from: columns or a constant, then a value table, then a default. */
export interface Expression {
  readonly path: string;
  readonly columns: readonly string[];
  readonly join: string;
  readonly constant?: string;
  readonly values: ReadonlyMap<string, string>;
  /** Beginnings of a value and what stands for such a value. */
  readonly prefixes: readonly (readonly [string, string])[];
  /** Names and the highest number that each takes. */
  readonly bands: readonly (readonly [string, number])[];
  /** For values in none of the tables; without it they stay as they are. */
  readonly otherwise?: string;
  readonly fallback?: Expression;
  /** Named in `assumed` when the fallback was taken. */
  readonly assume?: string;
  readonly when?: Condition;
  readonly required?: boolean;
  readonly type?: 'text' | 'number' | 'boolean';
  readonly format?: string;
  readonly decimal?: string;
  readonly thousands?: string;
  readonly times?: string;
  readonly minus?: { readonly column: string; readonly unit: 'days' | 'months' | 'years' };
  readonly split?: string;
  readonly yes?: readonly string[];
  readonly no?: readonly string[];
}

/** Something that a row's column is or is not. */
export interface Condition {
  readonly column: string;
  readonly test: (text: string) => boolean;
}

const keys = [
  ...[
    'column',
    'columns',
    'join',
    'value',
    'values',
    'prefixes',
    'bands',
    'otherwise',
    'default',
    'assume',
    'when',
  ],
  ...['required', 'type', 'format', 'decimal', 'thousands', 'times', 'minus', 'split', 'yes', 'no'],
];

/** A bare text is a column's name. */
export function parseExpression(value: unknown, path: string): Expression {
  if (typeof value === 'string')
    return { path, columns: [value], join: ' ', values: new Map(), prefixes: [], bands: [] };
  const section = Section.of(value, path, keys);
  const columns = [...(section.texts('column') ?? []), ...(section.texts('columns') ?? [])];
  const constant = section.text('value');
  if (columns.length > 0 === (constant !== undefined)) {
    throw new ImportFailure('mapping.required', `${path}: needs either column (or columns) or value`);
  }
  return {
    ...wordsOf(section),
    path,
    columns,
    ...(constant !== undefined && { constant }),
    ...tablesOf(section),
    ...rulesOf(section),
  };
}

function tablesOf(section: Section): Pick<Expression, 'values' | 'prefixes' | 'bands' | 'fallback'> {
  const fallback = section.optional('default', parseDefault);
  return {
    values: section.table('values', scalar),
    prefixes: [...section.table('prefixes', scalar)],
    bands: [
      ...section.table('bands', (each, path) => {
        if (typeof each === 'number') return each;
        throw wrongType(path, 'the highest number of the band');
      }),
    ],
    ...(fallback && { fallback }),
  };
}

/** A default is a constant when it is a plain value, and an expression of its own when it has keys. */
function parseDefault(value: unknown, path: string): Expression {
  return typeof value === 'object' ? parseExpression(value, path) : parseExpression({ value }, path);
}

function wordsOf(section: Section): Pick<Expression, 'join'> & Partial<Expression> {
  const words: Partial<
    Record<'otherwise' | 'assume' | 'format' | 'decimal' | 'thousands' | 'times' | 'split', string>
  > = {};
  for (const key of ['otherwise', 'assume', 'format', 'decimal', 'thousands', 'times', 'split'] as const) {
    const word = section.text(key);
    if (word !== undefined) words[key] = word;
  }
  return { join: section.text('join') ?? ' ', ...words };
}

function rulesOf(section: Section): Partial<Expression> {
  const when = section.optional('when', parseCondition);
  const required = section.boolean('required');
  const type = section.oneOf('type', ['text', 'number', 'boolean']);
  const yes = section.texts('yes');
  const no = section.texts('no');
  const minus = section.optional('minus', (value, path) => {
    const each = Section.of(value, path, ['column', 'unit']);
    return {
      column: each.requiredText('column'),
      unit: each.oneOf('unit', ['days', 'months', 'years']) ?? 'days',
    };
  });
  return {
    ...(when && { when }),
    ...(required !== undefined && { required }),
    ...(type && { type }),
    ...(yes && { yes }),
    ...(no && { no }),
    ...(minus && { minus }),
  };
}

/** `{ column, is | in | startsWith | blank | not }`: exactly one test. */
export function parseCondition(value: unknown, path: string): Condition {
  const section = Section.of(value, path, ['column', 'is', 'in', 'not', 'startsWith', 'blank']);
  const column = section.requiredText('column');
  const tests: ((text: string) => boolean)[] = [];
  const wanted = section.texts('is') ?? section.texts('in');
  if (wanted) tests.push((text) => wanted.includes(text));
  const unwanted = section.texts('not');
  if (unwanted) tests.push((text) => !unwanted.includes(text));
  const start = section.text('startsWith');
  if (start !== undefined) tests.push((text) => text.startsWith(start));
  const blank = section.boolean('blank');
  if (blank !== undefined) tests.push((text) => (text === '') === blank);
  const [test] = tests;
  if (test && tests.length === 1) return { column, test };
  throw new ImportFailure('mapping.required', `${path}: needs one of is, in, not, startsWith, blank`);
}
