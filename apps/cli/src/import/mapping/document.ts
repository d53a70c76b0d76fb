import { isCurrency } from '@guanxi/kernel';
import { IANAZone } from 'luxon';
import { isEncoding } from '../source/decode';
import type { SourceFormat } from '../source/format';
import { ImportFailure, importKinds, type ImportKind } from '../types';
import { parseCondition, parseExpression, type Condition, type Expression } from './expression';
import { Section, scalar, wrongType } from './section';

export const roundings = ['half-even', 'half-up', 'down'] as const;
export type Rounding = (typeof roundings)[number];

/** How dates, numbers and amounts of the source are written; a single value may say otherwise for itself. */
export interface Notation {
  readonly timeZone: string;
  /** `ISO` or Luxon's tokens, for example `M/d/yyyy`. */
  readonly dateFormat: string;
  readonly decimal: string;
  readonly thousands: string;
  readonly currency?: string;
  /** Decimals that amounts of money leave unwritten: with 2, 1177 is 11.77; with -3 it is 1,177,000. */
  readonly scale: number;
  readonly rounding: Rounding;
}

/** The rule that makes a row's external key: its columns, and with `occurrence` how often they came before. */
export interface KeyRule {
  readonly columns: readonly string[];
  readonly join: string;
  readonly rule: 'columns' | 'occurrence';
  /** How many different keys are counted at once. */
  readonly within: number;
}

/** Values for a command's fields. */
export interface Body {
  readonly path: string;
  readonly fields: ReadonlyMap<string, Expression>;
  readonly attributes: ReadonlyMap<string, Expression>;
  readonly occurredAt?: Expression;
  readonly assume: readonly { readonly what: string; readonly when?: Condition }[];
}

export interface MappingDocument extends Body {
  readonly kind: ImportKind;
  readonly source: SourceFormat;
  /** Name of the system whose keys these are, so that equal keys of two systems stay apart. */
  readonly system?: string;
  readonly notation: Notation;
  readonly externalKey: KeyRule;
  /** Rows of one external key make one fact; its rows may lie up to `window` rows apart. */
  readonly group?: { readonly window: number };
  readonly lines?: ReadonlyMap<string, Expression>;
  readonly end?: Body & { readonly when: Condition };
  readonly registerCustomers?: Body;
  readonly reject: readonly { readonly rule: string; readonly message: string; readonly when: Condition }[];
}

const bodyKeys = ['fields', 'attributes', 'occurredAt', 'assume'];
const topKeys = [
  ...[
    'kind',
    'source',
    'system',
    'timeZone',
    'dateFormat',
    'decimal',
    'thousands',
    'currency',
    'scale',
    'rounding',
  ],
  ...['externalKey', 'group', 'lines', 'endRelationship', 'registerCustomers', 'reject', ...bodyKeys],
];
const defaultWindow = 10_000;

/**
 * A mapping as parsed from YAML, checked key by key.
 * @throws ImportFailure `mapping.unknown-key`, `mapping.type`, `mapping.required`, `mapping.kind`
 */
export function parseMapping(value: unknown): MappingDocument {
  const top = Section.of(value, '', topKeys);
  const kind = top.oneOf('kind', importKinds);
  if (kind === undefined) throw new ImportFailure('mapping.required', 'kind is missing');
  const only = (key: string, kinds: readonly ImportKind[]): void => {
    if (!top.has(key) || kinds.includes(kind)) return;
    throw new ImportFailure('mapping.kind', `${key} is for ${kinds.join(' and ')}, not for ${kind}`);
  };
  only('endRelationship', ['customers']);
  for (const key of ['group', 'registerCustomers']) only(key, ['purchases']);
  only('lines', ['purchases', 'deals']);
  const system = top.text('system');
  const group = top.optional('group', (each, path) => {
    const section = Section.of(each, path, ['window']);
    return { window: section.integer('window', 1, 1_000_000) ?? defaultWindow };
  });
  const end = top.optional('endRelationship', (each, path) => {
    const section = Section.of(each, path, ['when', ...bodyKeys]);
    return { ...parseBody(section), when: parseCondition(section.value('when'), section.at('when')) };
  });
  const registerCustomers = top.optional('registerCustomers', (each, path) =>
    parseBody(Section.of(each, path, bodyKeys)),
  );
  const document: MappingDocument = {
    kind,
    source: parseSource(top),
    notation: parseNotation(top),
    externalKey: parseKey(top),
    ...parseBody(top),
    reject: top.list('reject', parseReject),
    ...(system !== undefined && { system }),
    ...(group && { group }),
    ...(top.has('lines') && { lines: top.table('lines', parseExpression) }),
    ...(end && { end }),
    ...(registerCustomers && { registerCustomers }),
  };
  if (group && document.externalKey.rule === 'occurrence') {
    throw new ImportFailure(
      'mapping.kind',
      'group needs externalKey.rule columns: rows of one key make one fact',
    );
  }
  return document;
}

function parseBody(section: Section): Body {
  const occurredAt = section.optional('occurredAt', parseExpression);
  return {
    path: section.path,
    fields: section.table('fields', parseExpression),
    attributes: section.table('attributes', parseExpression),
    ...(occurredAt && { occurredAt }),
    assume: section.list('assume', (value, path) => {
      if (typeof value === 'string') return { what: value };
      const item = Section.of(value, path, ['what', 'when']);
      return { what: item.requiredText('what'), when: parseCondition(item.value('when'), item.at('when')) };
    }),
  };
}

function parseSource(top: Section): SourceFormat {
  const known = ['format', 'encoding', 'separator', 'quote', 'header', 'columns'];
  const section = Section.of(top.value('source') ?? {}, 'source', known);
  const format = section.oneOf('format', ['csv', 'ndjson', 'whitespace']) ?? 'csv';
  const encoding = section.text('encoding') ?? 'utf-8';
  if (!isEncoding(encoding)) throw wrongType('source.encoding', `a known encoding, not ${encoding}`);
  const separator = section.text('separator') ?? ',';
  if (separator === '' || /[\r\n"]/.test(separator))
    throw wrongType('source.separator', 'one or more characters');
  const quote = section.text('quote') ?? '"';
  if (quote.length > 1) throw wrongType('source.quote', 'one character, or an empty text for no quoting');
  const columns = section.texts('columns');
  const header = format !== 'ndjson' && (section.boolean('header') ?? columns === undefined);
  if (!header && format !== 'ndjson' && columns === undefined) {
    throw new ImportFailure(
      'mapping.required',
      'source.columns is missing: without a header it names the columns',
    );
  }
  return { format, encoding, separator, quote, header, ...(columns && { columns }) };
}

function parseNotation(top: Section): Notation {
  const timeZone = top.text('timeZone') ?? 'UTC';
  if (!IANAZone.isValidZone(timeZone)) throw wrongType('timeZone', `an IANA time zone, not ${timeZone}`);
  const currency = top.text('currency');
  if (currency !== undefined && !isCurrency(currency))
    throw wrongType('currency', `an ISO 4217 code, not ${top.text('currency') ?? ''}`);
  const scale = top.integer('scale', -9, 9) ?? 0;
  return {
    timeZone,
    dateFormat: top.text('dateFormat') ?? 'ISO',
    decimal: top.text('decimal') ?? '.',
    thousands: top.text('thousands') ?? '',
    scale,
    rounding: top.oneOf('rounding', roundings) ?? 'half-even',
    ...(currency !== undefined && { currency }),
  };
}

function parseKey(top: Section): KeyRule {
  const value = top.value('externalKey');
  if (value === undefined)
    throw new ImportFailure(
      'mapping.required',
      "externalKey is missing: the column or rule that makes a row's key",
    );
  if (typeof value === 'string') return { columns: [value], join: '/', rule: 'columns', within: 0 };
  const section = Section.of(value, 'externalKey', ['columns', 'join', 'rule', 'within']);
  const columns = section.texts('columns') ?? [];
  if (columns.length === 0) throw new ImportFailure('mapping.required', 'externalKey.columns is missing');
  return {
    columns,
    join: section.text('join') ?? '/',
    rule: section.oneOf('rule', ['columns', 'occurrence']) ?? 'columns',
    within: section.integer('within', 1, 1_000_000) ?? defaultWindow,
  };
}

function parseReject(value: unknown, path: string): MappingDocument['reject'][number] {
  const section = Section.of(value, path, ['rule', 'message', 'when']);
  const rule = section.requiredText('rule');
  return {
    rule,
    message: section.text('message') ?? scalar(rule, path),
    when: parseCondition(section.value('when'), section.at('when')),
  };
}
