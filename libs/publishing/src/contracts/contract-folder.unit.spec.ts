import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { thingFields, thingMade, thingPublication } from '../testing/things';
import { checkContracts, writeContracts } from './contract-folder';
import type { Publication } from './contract';

const today = '2026-06-15';
const { Object: object, Optional: optional } = Type;
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guanxi-contracts-'));
});
afterEach(() => rm(folder, { recursive: true }));

const publishing = (schema: Publication['events'][number]['schema']): readonly Publication[] => [
  { ...thingPublication, events: [{ ...thingMade, schema }] },
];
const write = (publications: readonly Publication[]) => writeContracts({ publications, folder, today });
const check = (publications: readonly Publication[]) => checkContracts({ publications, folder, today });
const FILES = ['schemas/thing-made.v1.json', 'asyncapi.yaml', 'index.html', 'published.json'];

it('writes all files, and then finds nothing to say', async () => {
  expect(await check([thingPublication])).toEqual({
    breaches: [],
    stale: FILES.map((file) => ({ file, why: 'missing' })),
  });
  await write([thingPublication]);
  expect((await readdir(folder, { recursive: true })).sort()).toEqual([...FILES, 'schemas'].sort());
  expect(await check([thingPublication])).toEqual({ breaches: [], stale: [] });
  expect(await write([thingPublication])).toEqual({ breaches: [], stale: [] });
});

it('refuses files that are out of date, touched by hand, missing or left over, and mends them', async () => {
  await write([thingPublication]);
  const more = publishing(object({ ...thingFields, note: optional(Type.String()) }));
  expect(await check(more)).toEqual({
    breaches: [],
    stale: FILES.map((file) => ({ file, why: 'out of date' })),
  });
  await rm(join(folder, 'index.html'));
  await writeFile(join(folder, 'asyncapi.yaml'), 'asyncapi: 2.0.0\n');
  await writeFile(join(folder, 'schemas/thing-lost.v1.json'), '{}');
  const { stale } = await check([thingPublication]);
  expect(stale).toEqual([
    { file: 'asyncapi.yaml', why: 'out of date' },
    { file: 'index.html', why: 'missing' },
    { file: 'schemas/thing-lost.v1.json', why: 'left over' },
  ]);
  await write(more);
  expect(await check(more)).toEqual({ breaches: [], stale: [] });
});

it('does not write over what was published in a way that breaks it', async () => {
  await write([thingPublication]);
  const texts = (): Promise<string[]> =>
    Promise.all(FILES.map((file) => readFile(join(folder, file), 'utf8')));
  const before = await texts();
  const { breaches } = await write(publishing(object({ makerId: thingFields.makerId })));
  expect(breaches.map(({ rule, field }) => [rule, field])).toEqual([
    ['field-removed', 'colour'],
    ['field-removed', 'value'],
  ]);
  expect(await texts()).toEqual(before);
});

it('withdraws a contract whose day is over, and its schema with it', async () => {
  const second = { ...thingMade, version: 2 };
  const ended = { ...thingMade, deprecated: { inFavourOf: 'thing-made.v2', until: '2026-06-14' } };
  await write([{ ...thingPublication, events: [ended, second] }]);
  const now = [{ ...thingPublication, events: [second] }];
  expect((await write(now)).breaches).toEqual([]);
  expect(await readdir(join(folder, 'schemas'))).toEqual(['thing-made.v2.json']);
  expect(JSON.parse(await readFile(join(folder, 'published.json'), 'utf8'))).toMatchObject({
    withdrawn: ['thing-made.v1'],
  });
  expect(await check(now)).toEqual({ breaches: [], stale: [] });
});

it.each([
  ['{', /JSON/],
  ['[]', /it must be an object/],
  ['{"topics":[{}]}', /topics must list names and partitions/],
  [
    '{"topics":[],"contracts":[{"contract":"x.v1"}]}',
    /contracts\[0\] must have contract, topic, key and schema/,
  ],
  [
    '{"topics":[],"contracts":[{"contract":"x.v1","topic":"t","key":"k","schema":{},"deprecated":{}}]}',
    /contracts\[0\]/,
  ],
  ['{"topics":[],"contracts":[]}', /withdrawn must be a list of names/],
])('takes no damaged published.json for the truth: %s', async (text, words) => {
  await write([thingPublication]);
  await writeFile(join(folder, 'published.json'), text);
  await expect(write([thingPublication])).rejects.toThrow(words);
  await expect(check([thingPublication])).rejects.toThrow(/published.json can't be read.*version control/);
});

it('wants an example of everything', async () => {
  const bare = { ...thingPublication, samples: {} };
  await expect(write([bare])).rejects.toThrow('thing-made.v1 has no example: add a sample of thing-made.v1');
  const silent = { ...thingPublication, events: [{ ...thingMade, map: () => undefined }] };
  await expect(write([silent])).rejects.toThrow('nothing is told of the sample of thing-made.v1');
});
