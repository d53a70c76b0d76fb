import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EventRegistry } from '@guanxi/event-store';
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
const registry = new EventRegistry(writing.flatMap(({ events }) => events));

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
