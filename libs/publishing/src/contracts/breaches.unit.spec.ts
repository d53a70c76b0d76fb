import { Type } from '@sinclair/typebox';
import { COLOURS, thingFields, thingMade, thingPublication } from '../testing/things';
import { breachesOf } from './breaches';
import type { PublicEvent, Publication, Topic } from './contract';
import { publishedOf } from './published';
import { oneOfWords, publicMoney } from './shapes';

const { Object: object } = Type;
const TODAY = '2026-06-15';

const publishing = (events: readonly PublicEvent[], topic: Partial<Topic> = {}): Publication => ({
  ...thingPublication,
  topic: { ...thingPublication.topic, ...topic },
  events,
});
const published = publishedOf([thingPublication]);
const after = (now: readonly Publication[], before = published, today = TODAY) =>
  breachesOf(before, publishedOf(now, before), today);
const changed = (schema: PublicEvent['schema']): readonly Publication[] => [
  publishing([{ ...thingMade, schema }]),
];
const second: PublicEvent = {
  ...thingMade,
  version: 2,
  schema: object({ colour: oneOfWords(['red'], 'One of a list.') }),
};
const ending = (until: string, inFavourOf = 'thing-made.v2'): PublicEvent => ({
  ...thingMade,
  deprecated: { until, inFavourOf },
});

const BESIDE = 'Leave thing-made.v1 as it is and publish thing-made.v2 beside it';

it.each<[string, readonly Publication[], string, string]>([
  [
    'field-removed',
    changed(object({ makerId: thingFields.makerId, colour: thingFields.colour })),
    'value',
    `thing-made.v1: field value is no longer there (field-removed). ${BESIDE}.`,
  ],
  [
    'optional-made-required',
    changed(object({ ...thingFields, value: publicMoney('What it is worth.') })),
    'value',
    `thing-made.v1: field value was optional, is required (optional-made-required). ${BESIDE}.`,
  ],
  [
    'required-field-added',
    changed(object({ ...thingFields, size: Type.Integer() })),
    'size',
    `thing-made.v1: field size is new and required (required-field-added). ${BESIDE}.`,
  ],
  [
    'enum-narrowed',
    changed(object({ ...thingFields, colour: oneOfWords(['red', 'green'], 'One of a list.') })),
    'colour',
    `thing-made.v1: field colour lost "blue" (enum-narrowed). ${BESIDE}.`,
  ],
  [
    'enum-widened',
    changed(object({ ...thingFields, colour: oneOfWords([...COLOURS, 'grey'], 'One of a list.') })),
    'colour',
    `thing-made.v1: field colour gained "grey" (enum-widened). ${BESIDE}.`,
  ],
  [
    'type-changed',
    changed(object({ ...thingFields, makerId: Type.Integer() })),
    'makerId',
    `thing-made.v1: field makerId was string, is integer (type-changed). ${BESIDE}.`,
  ],
  [
    'format-changed',
    changed(
      object({ ...thingFields, makerId: Type.String({ format: 'uri', minLength: 36, maxLength: 36 }) }),
    ),
    'makerId',
    `thing-made.v1: field makerId was uuid, is uri (format-changed). ${BESIDE}.`,
  ],
  [
    'limit-changed',
    changed(
      object({ ...thingFields, makerId: Type.String({ format: 'uuid', minLength: 1, maxLength: 36 }) }),
    ),
    'makerId',
    `thing-made.v1: field makerId was minLength 36, is 1 (limit-changed). ${BESIDE}.`,
  ],
])('refuses %s', (rule, now, field, message) => {
  expect(after(now)).toEqual([{ rule, of: 'thing-made.v1', field, message }]);
});

it.each<[string, readonly Publication[], string, string]>([
  [
    'key-changed',
    [publishing([{ ...thingMade, category: 'maker' }])],
    'thing-made.v1',
    `thing-made.v1: its key was thing-{id}, is maker-{id} (key-changed): readers keep order and tables by it. ${BESIDE}, under the new key.`,
  ],
  [
    'topic-changed',
    [publishing([], {}), publishing([thingMade], { name: 'guanxi.makers' })],
    'thing-made.v1',
    `thing-made.v1: its topic was guanxi.things, is guanxi.makers (topic-changed). ${BESIDE}, in the new topic.`,
  ],
  [
    'partitions-changed',
    [publishing([thingMade], { partitions: 6 })],
    'guanxi.things',
    'guanxi.things: it had 3 partitions, has 6 (partitions-changed): keys would move and lose their order. Leave it as it is, or publish to a new topic.',
  ],
  [
    'deprecation-shortened',
    [publishing([ending('2026-06-14'), second])],
    'thing-made.v1',
    'thing-made.v1: it is to be published until 2026-06-14, a day that is over, and no reader was told (deprecation-shortened). Name a day that leaves them time.',
  ],
  [
    'contract-removed',
    [publishing([])],
    'thing-made.v1',
    'thing-made.v1: it is gone (contract-removed), but nobody was told. Put it back with deprecated: { inFavourOf, until }, write the contracts, and take it away when that day is over.',
  ],
  [
    'deprecation-unclear',
    [publishing([ending('soon', 'thing-made.v1'), second])],
    'thing-made.v1',
    'thing-made.v1: deprecated.until must be a day such as 2027-12-31, and is "soon" (deprecation-unclear).',
  ],
])('refuses %s', (rule, now, of, message) => {
  expect(after(now)).toContainEqual({ rule, of, message });
});

it('refuses another $id of a schema', () => {
  const now = {
    ...published,
    contracts: published.contracts.map((each) => ({ ...each, schema: { ...each.schema, $id: 'urn:other' } })),
  };
  expect(breachesOf(published, now, TODAY)).toEqual([
    {
      ...{ rule: 'schema-id-changed', of: 'thing-made.v1' },
      message: `thing-made.v1: the $id of its schema was urn:guanxi:contract:thing-made.v1, is urn:other (schema-id-changed): readers find the schema by it. ${BESIDE}.`,
    },
  ]);
});

it('names every promise that one change breaks', () => {
  const rules = after(
    changed(object({ colour: oneOfWords(['red'], 'One of a list.'), size: Type.Integer() })),
  ).map(({ rule, field }) => `${rule} ${field ?? ''}`);
  expect(rules).toEqual([
    ...['field-removed makerId', 'enum-narrowed colour', 'field-removed value', 'required-field-added size'],
  ]);
});

it('accepts what readers can bear: optional fields, new contracts, new versions, other words and another retention', () => {
  const more = {
    ...thingMade,
    summary: 'Made.',
    schema: object({ ...thingFields, note: Type.Optional(Type.String()) }),
  };
  const lost: PublicEvent = { ...thingMade, name: 'thing-lost' };
  expect(after([publishing([more, second, lost], { retentionDays: 1, title: 'T' })])).toEqual([]);
  expect(after([publishing([ending('2026-12-31'), second])])).toEqual([]);
});

it('lets a deprecated contract go when its day is over, and not on it', () => {
  const told = publishedOf([publishing([ending('2026-06-14'), second])]);
  const gone = [publishing([second])];
  expect(after(gone, told)).toEqual([]);
  expect(after(gone, told, '2026-06-14')).toEqual([
    {
      ...{ rule: 'contract-removed', of: 'thing-made.v1' },
      message:
        'thing-made.v1: it is gone (contract-removed), but it is published until 2026-06-14. Keep it until that day is over.',
    },
  ]);
});

it('keeps to the day that readers were told; a later one is welcome', () => {
  const told = publishedOf([publishing([ending('2026-12-31'), second])]);
  expect(after([publishing([ending('2027-12-31'), second])], told)).toEqual([]);
  expect(after([publishing([thingMade, second])], told)).toEqual([]);
  expect(after([publishing([ending('2026-07-01'), second])], told)).toMatchObject([
    { rule: 'deprecation-shortened', of: 'thing-made.v1' },
  ]);
});

it('names no other contract by a name that was withdrawn', () => {
  const told = publishedOf([publishing([ending('2026-06-01'), second])]);
  const without = publishedOf([publishing([second])], told);
  expect(without.withdrawn).toEqual(['thing-made.v1']);
  expect(after([publishing([thingMade, second])], without)).toMatchObject([
    { rule: 'name-taken', message: expect.stringContaining('Publish thing-made.v2.') },
  ]);
});
