import type { TSchema } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import type { JsonSchema } from './json-schema';
import { dataSchemaOf } from './json-schema';
import { breakingChanges } from './schema-changes';
import { oneOfNumbers, oneOfWords, publicDay, publicUuid, publicMoney } from './shapes';

const { String: text, Integer: integer, Number: number, Object: object, Optional: optional } = Type;
const read = (schema: TSchema): JsonSchema => dataSchemaOf({ schema });
const between = (before: TSchema, after: TSchema): readonly string[] =>
  breakingChanges(read(before), read(after)).map(({ rule, field, what }) => `${rule} ${field}: ${what}`);

const Id = publicUuid('An id.');
const Day = publicDay('A day.');
const Money = publicMoney('An amount.');
const base = { id: Id, note: optional(text()) };

it.each<[string, TSchema, TSchema, string]>([
  ['a removed field', object(base), object({ id: Id }), 'field-removed note: is no longer there'],
  [
    'a renamed field',
    object({ a: text() }),
    object({ b: optional(text()) }),
    'field-removed a: is no longer there',
  ],
  [
    'a new required field',
    object(base),
    object({ ...base, more: text() }),
    'required-field-added more: is new and required',
  ],
  [
    'an optional field made required',
    object(base),
    object({ ...base, note: text() }),
    'optional-made-required note: was optional, is required',
  ],
  [
    'a required field made optional',
    object(base),
    object({ ...base, id: optional(Id) }),
    'required-made-optional id: was always there, is optional',
  ],
  [
    'a narrowed enum',
    object({ stage: oneOfWords(['A', 'B', 'C'], 'One of a list.') }),
    object({ stage: oneOfWords(['A', 'C'], 'One of a list.') }),
    'enum-narrowed stage: lost "B"',
  ],
  [
    'a widened enum',
    object({ stage: oneOfWords(['A', 'B'], 'One of a list.') }),
    object({ stage: oneOfWords(['A', 'B', 'C'], 'One of a list.') }),
    'enum-widened stage: gained "C"',
  ],
  [
    'a widened list of numbers',
    object({ severity: oneOfNumbers([1, 2], 'One of a list.') }),
    object({ severity: oneOfNumbers([1, 2, 3], 'One of a list.') }),
    'enum-widened severity: gained 3',
  ],
  [
    'a literal that becomes another',
    object({ is: Type.Literal('A') }),
    object({ is: Type.Literal('B') }),
    'enum-narrowed is: lost "A"|enum-widened is: gained "B"',
  ],
  [
    'a list of words that becomes free text',
    object({ stage: oneOfWords(['A', 'B'], 'One of a list.') }),
    object({ stage: text() }),
    'type-changed stage: was string out of a list, is string',
  ],
  [
    'a changed type',
    object({ count: integer() }),
    object({ count: text() }),
    'type-changed count: was integer, is string',
  ],
  [
    'an integer that may have fractions',
    object({ count: integer() }),
    object({ count: number() }),
    'type-changed count: was integer, is number',
  ],
  [
    'a value that may be null',
    object({ count: integer() }),
    object({ count: Type.Union([integer(), Type.Null()]) }),
    'type-changed count: was integer, is one of several shapes',
  ],
  [
    'a changed format',
    object({ on: Day }),
    object({ on: text({ format: 'date-time', minLength: 10, maxLength: 10 }) }),
    'format-changed on: was date, is date-time',
  ],
  [
    'a format that falls away',
    object({ on: Day }),
    object({ on: text({ minLength: 10, maxLength: 10 }) }),
    'format-changed on: was date, is none',
  ],
  [
    'a wider limit',
    object({ name: text({ maxLength: 10 }) }),
    object({ name: text({ maxLength: 20 }) }),
    'limit-changed name: was maxLength 10, is 20',
  ],
  [
    'a new limit',
    object({ count: integer() }),
    object({ count: integer({ minimum: 0 }) }),
    'limit-changed count: was minimum none, is 0',
  ],
  [
    'another pattern',
    object({ rate: text({ pattern: '^\\d+$' }) }),
    object({ rate: text({ pattern: '^.+$' }) }),
    'limit-changed rate: was pattern "^\\\\d+$", is "^.+$"',
  ],
  [
    'an object that is shut',
    object(base),
    object(base, { additionalProperties: false }),
    'limit-changed : was additionalProperties none, is false',
  ],
  [
    'a field deep inside',
    object({ lines: Type.Array(object({ value: Money })) }),
    object({ lines: Type.Array(object({ value: object({ amount: integer() }) })) }),
    'field-removed lines[].value.currency: is no longer there',
  ],
  [
    'a list of anything that becomes one of numbers',
    object({ lines: Type.Unsafe({ type: 'array' }) }),
    object({ lines: Type.Array(integer()) }),
    'type-changed lines[]: was anything, is integer',
  ],
  [
    'a list of texts that becomes one of anything',
    object({ lines: Type.Array(text()) }),
    object({ lines: Type.Unsafe({ type: 'array' }) }),
    'type-changed lines[]: was string, is anything',
  ],
  [
    'an enum narrowed deep inside lists',
    object({ lines: Type.Array(object({ tags: Type.Array(oneOfWords(['A', 'B'], 'One of a list.')) })) }),
    object({ lines: Type.Array(object({ tags: Type.Array(oneOfWords(['A'], 'One of a list.')) })) }),
    'enum-narrowed lines[].tags[]: lost "B"',
  ],
  [
    'a null that may no longer come',
    object({ value: Type.Union([text(), Type.Null()]) }),
    object({ value: text() }),
    'type-changed value: was one of several shapes, is string',
  ],
  [
    'a map whose values are limited',
    object({ by: Type.Record(text(), text()) }),
    object({ by: Type.Record(text(), text({ maxLength: 3 })) }),
    'limit-changed by: was patternProperties {"^(.*)$":{"type":"string"}}, is {"^(.*)$":{"type":"string","maxLength":3}}',
  ],
  [
    'a pair whose second part changes',
    object({ at: Type.Tuple([number(), number()]) }),
    object({ at: Type.Tuple([number(), text()]) }),
    'limit-changed at[]: was 1 {"type":"number"}, is {"type":"string"}',
  ],
  [
    'a part of a joined shape',
    object({ both: Type.Intersect([object({ a: text() }), object({ b: text() })]) }),
    object({ both: Type.Intersect([object({ a: text() }), object({ b: integer() })]) }),
    'limit-changed both: was allOf [{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}},{"type":"object","required":["b"],"properties":{"b":{"type":"string"}}}], is [{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}},{"type":"object","required":["b"],"properties":{"b":{"type":"integer"}}}]',
  ],
  [
    'a shape among several',
    object({ value: Type.Union([Money, Type.Null()]) }),
    object({ value: Type.Union([object({ amount: integer() }), Type.Null()]) }),
    'field-removed value.currency: is no longer there',
  ],
  [
    'one shape more',
    object({ value: Type.Union([Money, Type.Null()]) }),
    object({ value: Type.Union([Money, Type.Null(), integer()]) }),
    'type-changed value: was one of 2 shapes, is one of 3',
  ],
])('%s breaks readers', (_name, before, after, expected) => {
  expect(between(before, after).join('|')).toBe(expected);
});

it.each<[string, TSchema, TSchema]>([
  ['a new optional field', object(base), object({ ...base, more: optional(integer()) })],
  [
    'a new optional field inside',
    object({ lines: Type.Array(object(base)) }),
    object({ lines: Type.Array(object({ ...base, more: optional(integer()) })) }),
  ],
  ['other words for people', object(base), object({ ...base, note: optional(text({ description: 'x' })) })],
  ['another order of fields', object({ a: text(), b: text() }), object({ b: text(), a: text() })],
  [
    'another order of words',
    oneOfWords(['A', 'B'], 'One of a list.'),
    oneOfWords(['B', 'A'], 'One of a list.'),
  ],
])('%s does not', (_name, before, after) => {
  expect(between(before, after)).toEqual([]);
});

const Leaf = fc.constantFrom<TSchema>(text(), integer(), Id, Money, oneOfWords(['x', 'y'], 'One of a list.'));
const Fields = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.tuple(Leaf, fc.boolean()));
const objectOf = (fields: Record<string, [TSchema, boolean]>): TSchema =>
  object(
    Object.fromEntries(
      Object.entries(fields).map(([name, [schema, required]]) => [
        name,
        required ? schema : optional(schema),
      ]),
    ),
  );

it('finds nothing between a schema and itself, and each field that is taken away', () => {
  fc.assert(
    fc.property(Fields, (fields) => {
      const schema = objectOf(fields);
      expect(between(schema, schema)).toEqual([]);
      for (const name of Object.keys(fields)) {
        const { [name]: _gone, ...rest } = fields;
        expect(between(schema, objectOf(rest))).toEqual([`field-removed ${name}: is no longer there`]);
      }
    }),
  );
});
