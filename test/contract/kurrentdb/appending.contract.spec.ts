import type { StreamWrite } from '@guanxi/event-store';
import { WrongExpectedRevision } from '@guanxi/event-store';
import { appendOneByOne, someEvent, someMetadata, someStream } from '../event-store/kit';
import { conditions } from '../event-store/conditions';
import { expectedRevisions } from '../event-store/expected-revisions';
import { repeating } from '../event-store/repeating';
import { severalStreams } from '../event-store/several-streams';
import type { Version } from '../../support/kurrentdb/server';
import type { Running } from './running';
import { endAll, running, storeOn } from './running';

afterEach(endAll);

const toNew = (stream = someStream()): StreamWrite => ({ stream, expected: 'new', events: [someEvent(1)] });

describe.each<[Version, boolean, boolean]>([
  ['24.10', false, false],
  ['24.10', true, false],
  ['25.1', true, true],
  ['26.1', true, true],
])('on KurrentDB %s, with batches %s', (version, batches, several) => {
  let on: Running;
  beforeEach(async () => {
    on = await running({ version, batches });
  });
  const under = {
    name: version,
    positions: 'rising' as const,
    severalStreams: several,
    open: () => Promise.reject(new Error('opened above')),
  };

  expectedRevisions(() => on.store, under);
  repeating(() => on.store, under);
  conditions(() => on.store, under);
  severalStreams(() => on.store, under);

  it('names the version that it takes to write to several streams', async () => {
    if (several)
      return expect((await on.store.append([toNew(), toNew()], someMetadata())).streams).toHaveLength(2);
    await expect(on.store.append([toNew(), toNew()], someMetadata())).rejects.toMatchObject({
      code: 'event-store.several-streams-unsupported',
      kind: 'invalid',
      message: expect.stringContaining('25.1'),
    });
  });
});

describe('an append to KurrentDB', () => {
  it('is checked by the server together with its conditions, where the server can', async () => {
    const { server, store } = await running({ version: '26.1' });
    const other = someStream();
    await appendOneByOne(store, other, 2);
    const held = [toNew(), { stream: other, expected: 'exists' as const, events: [] }];
    expect((await store.append(held, someMetadata())).streams[1]).toEqual({ stream: other, revision: 1 });
    const free = [toNew(), { stream: other, expected: 'any' as const, events: [] }];
    expect((await store.append(free, someMetadata())).streams[1]).toEqual({ stream: other, revision: 1 });
    expect(server.appends.slice(2)).toEqual(['records', 'records']);
  });

  it('answers a repeat whose condition no longer holds as the first time', async () => {
    const { store } = await running();
    const other = someStream();
    const writes = [toNew(), { stream: other, expected: 'new' as const, events: [] }];
    const first = await store.append(writes, someMetadata());
    await appendOneByOne(store, other, 1);
    expect(await store.append(writes, someMetadata())).toEqual({ ...first, repeated: true });
  });

  it('tells names apart that differ in case alone, which the server would take for one', async () => {
    const { server, store } = await running();
    const name = someStream();
    const loud = name.toUpperCase();
    await appendOneByOne(store, loud, 1);
    const appended = await store.append(
      [toNew(name), { stream: loud, expected: 0, events: [] }],
      someMetadata(),
    );
    expect(appended.streams).toEqual([
      { stream: name, revision: 0 },
      { stream: loud, revision: 0 },
    ]);
    expect(server.appends).not.toContain('records');
    expect(await store.readStream(name)).toHaveLength(1);
    expect(await store.readStream(loud)).toHaveLength(1);
    await expect(
      store.append(
        [toNew(), { stream: name, expected: 1, events: [] }, { stream: loud, expected: 0, events: [] }],
        someMetadata(),
      ),
    ).rejects.toMatchObject({ stream: name, expected: 1, actual: 0 });
  });

  it('is a conflict with the true revision, also where the connection string would have it otherwise', async () => {
    const { server } = await running();
    for (const version of ['true', 'false']) {
      const store = storeOn(server.url(`tls=false&throwOnAppendFailure=${version}`));
      const stream = someStream();
      await appendOneByOne(store, stream, 4);
      const error = await store
        .append([{ stream, expected: 1, events: [someEvent(9)] }], someMetadata())
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(WrongExpectedRevision);
      expect(error).toMatchObject({ expected: 1, actual: 3 });
    }
  });

  it('keeps ids as they are given, in the form that KurrentDB gives back', async () => {
    const { store } = await running();
    const stream = someStream();
    const id = '0191D1E0-0000-7000-8000-00000000ABCD';
    const writes = [{ stream, expected: 'new' as const, events: [{ ...someEvent(1), id }] }];
    await store.append(writes, someMetadata());
    expect((await store.append(writes, someMetadata())).repeated).toBe(true);
    expect((await store.readStream(stream))[0]?.id).toBe(id.toLowerCase());
  });

  it('is refused by a server that is too old to follow, with the version that it takes', async () => {
    const { store } = await running({ version: '22.10' });
    const old = expect.objectContaining({
      code: 'event-store.server-version',
      message: expect.stringContaining('23.10'),
    });
    await expect(store.append([toNew()], someMetadata())).rejects.toEqual(old);
    await expect(store.check()).rejects.toEqual(old);
  });

  it('is refused once the store is closed', async () => {
    const { store } = await running();
    await store.close();
    await expect(store.append([toNew()], someMetadata())).rejects.toMatchObject({
      code: 'event-store.unavailable',
    });
  });
});
