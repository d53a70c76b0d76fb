import { EventRegistry } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import { event, instantOf, retiredEvent } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';
import { noteBook, poison } from '../testing/notes';
import { Wanted } from './wanted';

const schema = Type.Object({ n: Type.Integer() });
const registry = new EventRegistry([
  event('note-written.v1', schema),
  retiredEvent('note-written.v0', schema, {
    to: 'note-written.v1',
    data: ({ n }) => {
      if (n === 0) throw new RangeError('Mrs Lovelace has no number');
      return { n };
    },
  }),
]);
const wanted = new Wanted(noteBook, registry, { topics: ['guanxi.notes'], types: [] });

const noteOf = (type: string, n: number): RecordedEvent => ({
  ...{ id: 'event-1', type, stream: 'note-1', revision: 4, position: 9n, data: { n } },
  occurredAt: instantOf(new Date('2026-03-02T09:00:00Z')),
  recordedAt: instantOf(new Date('2026-03-02T09:00:00Z')),
  metadata: {
    ...{ commandId: 'c', command: 'Test', commandHash: 'h', correlationId: 'c' },
    ...{ actor: 'tester', tenant: 'default', policyVersion: 0 },
  },
});

it('reads old versions of what it wants', () => {
  expect(wanted.types).toEqual(['note-written.v1', 'note-written.v0']);
  expect(wanted.messagesOf(noteOf('note-written.v0', 7))).toMatchObject([
    { key: 'note-1', topic: 'guanxi.notes', type: 'guanxi.note-written.v1', event: { data: { n: 7 } } },
  ]);
});

it.each([
  ['whose mapping fails', 'note-written.v1', poison.n],
  ['that cannot be lifted into its newest version', 'note-written.v0', 0],
])('halts the key of an event %s, and no other', (_what, type, n) => {
  const [message, ...rest] = wanted.messagesOf(noteOf(type, n));
  expect(rest).toEqual([]);
  expect(message).toMatchObject({ key: 'note-1', revision: 4, position: 9n, part: 0 });
  expect(message?.event).toBeUndefined();
  expect(message?.fault).toMatch(/./);
  expect(message?.fault).not.toContain('Lovelace');
});
