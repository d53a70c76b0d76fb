import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EventRegistry } from '@guanxi/event-store';
import type { EventContract, JsonObject, RecordedEvent } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import type { Publication } from '@guanxi/publishing';
import { ContractBook, headersOf, publicEventsOf } from '@guanxi/publishing';
import { Type } from '@sinclair/typebox';
import { contexts } from '.';
import { marksIn, planted } from './testing/planted';

/** What readers are told nothing of, on purpose: whoever adds an event type decides, here or in a publication. */
const NOT_PUBLIC = [
  // Words that were said, and notes on them.
  'deal-verbal-agreement-recorded.v1',
  'deal-reviewed.v1',
  // Work inside our house, all of it in texts.
  'complaint-finding-recorded.v1',
  // Everything that it could say is about a person.
  'seller-revised.v1',
];

/** Contexts that tell others what happened, and nothing of themselves. */
const SILENT = ['webhooks'];

/** Texts that are told on purpose: names and codes of things of ours, never of people. */
const TOLD = [
  'department-defined.v1:name',
  'product-defined.v1:externalRef',
  'product-defined.v1:family',
  'product-defined.v1:name',
  'product-revised.v1:externalRef',
  'product-revised.v1:family',
  'product-revised.v1:name',
  'purchase-corrected.v1:lines.product',
  'purchase-recorded.v1:lines.product',
  'purchase-refunded.v1:lines.product',
];

const ID = '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d';
const at = parseInstant('2026-03-02T08:00:00Z');

const publications = contexts.flatMap(({ publishes = [] }) => publishes);
const contracts = contexts.flatMap(({ events }) => events).filter(({ upcast }) => upcast === undefined);
const registry = new EventRegistry(contexts.flatMap(({ events }) => events));
const categories = new Map(
  publications.flatMap(({ events }) => events.map(({ from, category }) => [from, category])),
);

const samples: ReadonlyMap<string, JsonObject> = new Map(
  contexts.flatMap(({ name }) => samplesOf(join(__dirname, '../..', name, 'src/domain'))),
);

function samplesOf(folder: string): readonly [string, JsonObject][] {
  const files = readdirSync(join(folder, '..')).includes('domain') ? readdirSync(folder) : [];
  return files
    .filter((file) => file.endsWith('.samples.json'))
    .flatMap((file) =>
      Object.entries(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, JsonObject>),
    );
}

const recorded = (type: string, data: JsonObject, category = categories.get(type)): RecordedEvent => ({
  ...{ id: ID, type, stream: `${category}-${ID}`, revision: 0, position: 1n },
  ...{ occurredAt: at, recordedAt: at, data },
  metadata: {
    ...{
      commandId: 'planted:command',
      command: 'Planted',
      commandHash: 'planted:hash',
      actor: 'planted:actor',
    },
    ...{ correlationId: ID, tenant: 'planted:tenant', policyVersion: 0 },
  },
});

/** Everything that goes out for an event: keys, headers and data. */
function toldOf(book: ContractBook, event: RecordedEvent): string {
  return JSON.stringify(
    book
      .messagesOf(event)
      .map(({ topic, key, event: told }) => ({ topic, key, headers: headersOf(told), told })),
  );
}

const sampleOf = (type: string): JsonObject => {
  const sample = samples.get(type);
  if (sample === undefined) throw new Error(`${type} has no stored sample`);
  return sample;
};

const book = new ContractBook(publications, '/guanxi/test');

it('tells nothing of a person: no free text of any event goes out, but names and codes of our own things', () => {
  const told = contracts.flatMap((contract) => {
    const data = planted(contract, sampleOf(contract.type));
    registry.check(contract.type, data);
    return marksIn(toldOf(book, recorded(contract.type, data)));
  });
  expect([...told].sort()).toEqual(TOLD);
});

it('plants every free text that an event may have, in fields that its sample leaves out too', () => {
  const contract = contracts.find(({ type }) => type === 'customer-profile-updated.v1');
  if (!contract) throw new Error('customer-profile-updated.v1 is gone');
  const own = (field: string): string => `customer-profile-updated.v1:changes.${field}`;
  expect(marksIn(JSON.stringify(planted(contract, sampleOf(contract.type))))).toEqual(
    [
      ...['attributes.*', 'attributes{}', 'contactChannel', 'externalRef', 'industry', 'language', 'name'],
      ...['productInterests', 'region', 'sizeBand'],
    ].map(own),
  );
});

it('finds a name that a mapping lets out', () => {
  const contract = contracts.find(({ type }) => type === 'seller-defined.v1') as EventContract;
  const publish = publicEventsOf<{ type: 'seller-defined.v1'; data: { name: string } }>('seller');
  const leaking: Publication = {
    topic: { name: 'leaks', title: 'Leaks', description: 'Leaks.', partitions: 1, retentionDays: 1 },
    events: [
      publish('seller-defined.v1', {
        summary: 'Says who.',
        schema: Type.Object({ called: Type.String() }),
        map: ({ data }) => ({ called: data.name }),
      }),
    ],
  };
  const data = planted(contract, sampleOf(contract.type));
  const told = toldOf(new ContractBook([leaking], '/guanxi/test'), recorded(contract.type, data, 'seller'));
  expect(marksIn(told)).toEqual(['seller-defined.v1:name']);
});

it('either tells of an event or says that it does not', () => {
  const silent = contexts
    .filter(({ name }) => !SILENT.includes(name))
    .flatMap(({ events }) => events)
    .filter(({ type, upcast }) => upcast === undefined && !categories.has(type))
    .map(({ type }) => type);
  expect(silent.sort()).toEqual([...NOT_PUBLIC].sort());
});

it.each([...categories.keys()])('%s: its stored sample can be told', (type) => {
  expect(book.messagesOf(recorded(type, sampleOf(type)))).not.toEqual([]);
});

it('keys every contract by the streams in which its commands write', () => {
  const written = new Set(contexts.flatMap(({ commands }) => commands.map(({ category }) => category)));
  for (const category of categories.values()) expect(written).toContain(category);
});

it('brings a stored sample of every event that it tells, for examples', () => {
  for (const { events, samples: own = {} } of publications)
    for (const { from } of events) expect(own[from]).toEqual(sampleOf(from));
});
