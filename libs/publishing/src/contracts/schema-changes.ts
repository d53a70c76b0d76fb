import type { JsonSchema } from './json-schema';
import { isObject } from './json-schema';

/** Which promise to readers a change of a schema breaks. */
export type SchemaRule =
  | 'field-removed'
  | 'required-field-added'
  | 'optional-made-required'
  | 'required-made-optional'
  | 'enum-narrowed'
  | 'enum-widened'
  | 'type-changed'
  | 'format-changed'
  | 'limit-changed';

/** A change that readers of the schema before cannot bear. */
export interface SchemaChange {
  readonly rule: SchemaRule;
  /** `lines[].quantity`; empty for the whole. */
  readonly field: string;
  /** What changed, for people: `was string, is integer`. */
  readonly what: string;
}

/** Keywords that say nothing of what may come in. */
const WORDS_FOR_PEOPLE = [
  '$schema',
  '$id',
  '$comment',
  'title',
  'description',
  'deprecated',
  'examples',
  'x-personal',
];
const LOOKED_INTO = ['properties', 'required', 'items', 'enum', 'const', 'anyOf', 'type', 'format'];

/**
 * What of a schema's change breaks its readers: those who wrote code against it, and those who read old messages by the
 * new one. A new optional field does not.
 */
export function breakingChanges(before: JsonSchema, after: JsonSchema, field = ''): readonly SchemaChange[] {
  if (kindOf(before) !== kindOf(after))
    return [{ rule: 'type-changed', field, what: `was ${kindOf(before)}, is ${kindOf(after)}` }];
  return [
    ...(before.format === after.format
      ? []
      : [change('format-changed', field, before.format ?? 'none', after.format ?? 'none')]),
    ...enumChanges(before, after, field),
    ...fieldChanges(before, after, field),
    ...itemChanges(before, after, field),
    ...branchChanges(before, after, field),
    ...limitChanges(before, after, field),
  ];
}

/** A list of anything is not one of something. */
function itemChanges(before: JsonSchema, after: JsonSchema, field: string): readonly SchemaChange[] {
  if (!before.items && !after.items) return [];
  return breakingChanges(before.items ?? {}, after.items ?? {}, `${field}[]`);
}

function fieldChanges(before: JsonSchema, after: JsonSchema, at: string): readonly SchemaChange[] {
  const known = before.properties ?? {};
  const next = after.properties ?? {};
  const wasRequired = new Set(before.required);
  const isRequired = new Set(after.required);
  const path = (name: string): string => (at === '' ? name : `${at}.${name}`);
  const changes: SchemaChange[] = [];
  for (const [name, schema] of Object.entries(known)) {
    const now = next[name];
    if (!now) {
      changes.push({ rule: 'field-removed', field: path(name), what: 'is no longer there' });
      continue;
    }
    if (wasRequired.has(name) && !isRequired.has(name))
      changes.push(change('required-made-optional', path(name), 'always there', 'optional'));
    if (!wasRequired.has(name) && isRequired.has(name))
      changes.push(change('optional-made-required', path(name), 'optional', 'required'));
    changes.push(...breakingChanges(schema, now, path(name)));
  }
  for (const name of isRequired)
    if (!(name in known))
      changes.push({ rule: 'required-field-added', field: path(name), what: 'is new and required' });
  return changes;
}

function enumChanges(before: JsonSchema, after: JsonSchema, field: string): readonly SchemaChange[] {
  const known = valuesOf(before);
  const next = valuesOf(after);
  if (!known || !next) return [];
  const gone = known.filter((value) => !next.includes(value));
  const added = next.filter((value) => !known.includes(value));
  return [
    ...(gone.length > 0 ? [{ rule: 'enum-narrowed' as const, field, what: `lost ${gone.join(', ')}` }] : []),
    ...(added.length > 0
      ? [{ rule: 'enum-widened' as const, field, what: `gained ${added.join(', ')}` }]
      : []),
  ];
}

/** Branches are compared one by one, in their order: what is told by shape must keep its shapes. */
function branchChanges(before: JsonSchema, after: JsonSchema, field: string): readonly SchemaChange[] {
  const known = before.anyOf ?? [];
  const next = after.anyOf ?? [];
  if (known.length !== next.length)
    return [change('type-changed', field, `one of ${known.length} shapes`, `one of ${next.length}`)];
  return known.flatMap((branch, index) => {
    const now = next[index];
    return now ? breakingChanges(branch, now, field) : [];
  });
}

/** Lengths, bounds, patterns, and whatever else limits a value. */
function limitChanges(before: JsonSchema, after: JsonSchema, field: string): readonly SchemaChange[] {
  const keywords = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keywords]
    .filter((keyword) => !WORDS_FOR_PEOPLE.includes(keyword) && !LOOKED_INTO.includes(keyword))
    .filter((keyword) => !same(before[keyword], after[keyword]))
    .map((keyword) =>
      change('limit-changed', field, `${keyword} ${shown(before[keyword])}`, shown(after[keyword])),
    );
}

const change = (rule: SchemaRule, field: string, was: string, is: string): SchemaChange => ({
  ...{ rule, field },
  what: `was ${was}, is ${is}`,
});

/** `string`, `array`, `one of several shapes`; a list of values is its own kind, because readers switch over it. */
function kindOf(schema: JsonSchema): string {
  if (schema.anyOf) return 'one of several shapes';
  const values = valuesOf(schema);
  return values ? `${schema.type ?? 'value'} out of a list` : (schema.type ?? 'anything');
}

const valuesOf = (schema: JsonSchema): readonly string[] | undefined =>
  (schema.enum ?? ('const' in schema ? [schema.const] : undefined))?.map((value) => JSON.stringify(value));

const shown = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));

/** Equal as JSON, whatever the order of keys. */
function same(a: unknown, b: unknown): boolean {
  if (isObject(a) && isObject(b))
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => same(a[key], b[key]));
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each, index) => same(each, b[index]));
  return a === b;
}
