import type { RecordedEvent } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';
import type { Publication } from './contract';
import { publicEventsOf } from './contract';
import { ContractBook, PERSONAL, Unmappable } from './contract-book';
import { headersOf } from './public-message';
import { oneOfWords, publicUuid } from './shapes';

type Stored =
  | { readonly type: 'thing-made.v1'; readonly data: { readonly by: string; readonly colour: string } }
  | { readonly type: 'thing-lost.v2'; readonly data: { readonly note?: string } };
const publish = publicEventsOf<Stored>('thing');

const ID = '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d';
const at = parseInstant('2026-01-01T00:00:00Z');
const event = (type: string, data: RecordedEvent['data']): RecordedEvent => ({
  ...{ id: ID, type, stream: `thing-${ID}`, revision: 3, position: 17n },
  ...{ occurredAt: at, recordedAt: parseInstant('2026-01-02T00:00:00Z'), data },
  metadata: {
    ...{ commandId: 'c', command: 'MakeThing', commandHash: 'h', correlationId: 'r', causationId: 'b' },
    ...{ actor: 'somebody@example.org', tenant: 'default', policyVersion: 0 },
  },
});

const topic = {
  name: 'guanxi.things',
  title: 'Things',
  description: 'Things.',
  partitions: 1,
  retentionDays: 7,
};
const made = publish('thing-made.v1', {
  summary: 'A thing was made.',
  schema: Type.Object({
    makerId: publicUuid('Id of the maker.'),
    colour: oneOfWords(['red', 'blue'], 'One of a list.'),
  }),
  map: ({ data: { by, colour } }) => ({
    makerId: by,
    colour: colour === 'red' ? ('red' as const) : ('blue' as const),
  }),
});
const book = (publication: Publication): ContractBook => new ContractBook([publication], '/guanxi/test');

it('tells a stored event as a CloudEvent, with nothing of who sent the command', () => {
  const [message, ...more] = book({ topic, events: [made] }).messagesOf(
    event('thing-made.v1', { by: ID, colour: 'red' }),
  );
  expect(more).toEqual([]);
  expect(message).toMatchObject({ topic: 'guanxi.things', key: `thing-${ID}`, position: 17n });
  expect(message?.event.data).toEqual({ makerId: ID, colour: 'red' });
  expect(message && headersOf(message.event)).toEqual({
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: `${ID}.thing-made.v1`,
    ce_source: '/guanxi/test',
    ce_type: 'guanxi.thing-made.v1',
    ce_subject: `thing-${ID}`,
    ce_time: '2026-01-01T00:00:00.000Z',
    ce_dataschema: 'urn:guanxi:contract:thing-made.v1',
    ce_recordedtime: '2026-01-02T00:00:00.000Z',
    ce_position: '17',
    ce_revision: '3',
    ce_correlationid: 'r',
    ce_causationid: 'b',
    'guanxi-position': '17',
  });
  expect(
    JSON.stringify(message, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  ).not.toContain('somebody');
});

it('publishes two versions of one event side by side, and nothing of what concerns nobody', () => {
  const second = publish('thing-made.v1', {
    version: 2,
    summary: 'A thing was made.',
    schema: Type.Object({ makerId: publicUuid('Id of the maker.') }),
    map: ({ data: { by } }) => ({ makerId: by }),
  });
  const lost = publish('thing-lost.v2', {
    summary: 'A thing was lost.',
    schema: Type.Object({}),
    map: () => undefined,
  });
  const both = book({ topic, events: [made, second, lost] });
  const told = both
    .messagesOf(event('thing-made.v1', { by: ID, colour: 'red' }))
    .map((message) => message.event);
  expect(told.map(({ id, type }) => [id, type])).toEqual([
    [`${ID}.thing-made.v1`, 'guanxi.thing-made.v1'],
    [`${ID}.thing-made.v2`, 'guanxi.thing-made.v2'],
  ]);
  expect(both.messagesOf(event('thing-lost.v2', {}))).toEqual([]);
  expect(both.messagesOf(event('thing-found.v1', {}))).toEqual([]);
  expect(both.types).toEqual(['thing-made.v1', 'thing-lost.v2']);
  expect(both.typesOf(new Set(['guanxi.things']))).toEqual(['thing-made.v1', 'thing-lost.v2']);
  expect(both.typesOf(new Set(['guanxi.others']))).toEqual([]);
});

it('names the contract and the field, not what the event says, where an event cannot be told', () => {
  const things = book({ topic, events: [made] });
  const wrong = (): unknown => things.messagesOf(event('thing-made.v1', { by: 'Mr Secret', colour: 'red' }));
  expect(wrong).toThrow(Unmappable);
  expect(wrong).toThrow(/^thing-made[.]v1 at position 17 can't be told as thing-made[.]v1: \/makerId: /);
  expect(wrong).not.toThrow(/Secret/);
  const failing = publish('thing-made.v1', {
    summary: 'Fails.',
    schema: Type.Object({}),
    map: ({ data }) => {
      throw new Error(data.by);
    },
  });
  expect(() =>
    book({ topic, events: [failing] }).messagesOf(event('thing-made.v1', { by: 'Mr Secret' })),
  ).toThrow("can't be told as thing-made.v1: Error");
});

it('keeps to the key of its contract', () => {
  const elsewhere = { ...event('thing-made.v1', { by: ID, colour: 'red' }), stream: `other-${ID}` };
  expect(() => book({ topic, events: [made] }).messagesOf(elsewhere)).toThrow(
    "thing-made.v1 at position 17 can't be told as thing-made.v1: its key must be that of a thing, and it stands in a stream of other",
  );
});

it('refuses what is declared twice, names that cannot be one, and personal data without a topic for it', () => {
  expect(() => book({ topic, events: [made, made] })).toThrow('public event thing-made.v1 is declared twice');
  expect(
    () =>
      new ContractBook(
        [
          { topic, events: [] },
          { topic, events: [] },
        ],
        '/x',
      ),
  ).toThrow('topic guanxi.things is declared twice');
  expect(() => book({ topic: { ...topic, name: 'Guanxi Things' }, events: [] })).toThrow(
    'must be lower-case words',
  );
  const named = publish('thing-made.v1', {
    summary: 'Says who.',
    schema: Type.Object({ name: Type.String({ ...PERSONAL }) }),
    map: ({ data: { by } }) => ({ name: by }),
  });
  expect(() => book({ topic, events: [named] })).toThrow('tells who a person is');
  expect(book({ topic: { ...topic, personal: true }, events: [named] }).types).toEqual(['thing-made.v1']);
});
