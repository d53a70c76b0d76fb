import { EventRegistry } from './event-registry';
import { event, retiredEvent } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';

const lifted = (to: string): { to: string; data: (data: object) => Readonly<Record<string, unknown>> } => ({
  to,
  data: (data) => ({ ...data }),
});
const registry = new EventRegistry([
  retiredEvent('noted.v1', Type.Any(), lifted('noted.v2')),
  retiredEvent('noted.v2', Type.Any(), lifted('noted.v3')),
  event('noted.v3', Type.Any()),
  retiredEvent('left.v1', Type.Any(), lifted('elsewhere.v1')),
  event('elsewhere.v1', Type.Any()),
]);

it('are those that are lifted to the types wanted, and those that nobody declared', () => {
  expect([...registry.storedTypes(['noted.v3', 'foreign.v1'])].sort()).toEqual([
    ...['foreign.v1', 'noted.v1', 'noted.v2', 'noted.v3'],
  ]);
});

it('are not those that have become something else', () => {
  expect(registry.storedTypes(['left.v1'])).toEqual([]);
});
