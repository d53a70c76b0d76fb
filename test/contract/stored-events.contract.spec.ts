import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EventRegistry, commandUnchanged } from '@guanxi/event-store';
import { deadLetterSkipped } from '@guanxi/projections';
import type { JsonObject, RecordedEvent } from '@guanxi/kernel';
import { contexts } from '@guanxi/contexts';

const root = join(__dirname, '../..');

/** The stored samples of a context: one of every event version that was ever written. */
function samplesOf(context: string): ReadonlyMap<string, JsonObject> {
  const folder = join(root, 'libs', context, 'src/domain');
  const files = readdirSync(folder).filter((name) => name.endsWith('.samples.json'));
  const all = files.map(
    (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, JsonObject>,
  );
  return new Map(all.flatMap((samples) => Object.entries(samples)));
}

const writing = contexts.filter(({ events }) => events.length > 0);
const registry = new EventRegistry([
  ...writing.flatMap(({ events }) => events),
  commandUnchanged,
  deadLetterSkipped,
]);

describe.each(writing)('stored events of $name', ({ name, events }) => {
  const samples = samplesOf(name);

  it.each(events.map(({ type }) => type))(
    '%s: its stored sample still reads, and fits its newest version',
    (type) => {
      const sample = samples.get(type);
      expect(sample).toBeDefined();
      const newest = registry.newest({ type, data: sample } as RecordedEvent);
      expect(() => {
        registry.check(newest.type, newest.data);
      }).not.toThrow();
    },
  );

  it('has literal versioned type names in business words', () => {
    for (const { type } of events) expect(type).toMatch(/^[a-z]+(-[a-z]+)+\.v\d+$/);
  });

  it('has no sample of a type that is no longer declared: what was written once must be readable for ever', () => {
    expect([...samples.keys()].sort()).toEqual(events.map(({ type }) => type).sort());
  });
});

it.each<[string, JsonObject]>([
  [
    commandUnchanged.type,
    { stream: 'deal-0192f0c1-7a52-7000-8000-000000000001', revision: 4, position: '1200' },
  ],
  [
    deadLetterSkipped.type,
    {
      ...{
        model: 'deals',
        key: '0192f0c1-7a52-7000-8000-000000000001',
        reason: 'written by hand',
        actor: 'cli:root',
      },
      event: {
        ...{
          id: '0192f0c1-7a52-7000-8000-000000000002',
          type: 'deal-opened.v1',
          revision: 0,
          position: '17',
        },
        stream: 'deal-0192f0c1-7a52-7000-8000-000000000001',
      },
    },
  ],
])('%s, which no context writes: its stored sample still reads', (type, data) => {
  const newest = registry.newest({ type, data } as RecordedEvent);
  expect(() => {
    registry.check(newest.type, newest.data);
  }).not.toThrow();
});
