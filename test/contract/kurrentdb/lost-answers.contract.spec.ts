import type { ExpectedRevision } from '@guanxi/event-store';
import { WrongExpectedRevision } from '@guanxi/event-store';
import { appendOneByOne, someEvent, someMetadata, someStream } from '../event-store/kit';
import type { Fault } from '../../support/kurrentdb/faults';
import { DEADLINE, endAll, running } from './running';

afterEach(endAll);

const lost = ['unavailable', 'silence', 'timeout'] as const;
const faults: readonly Fault[] = lost.flatMap((kind) => [
  { kind, when: 'before' },
  { kind, when: 'after' },
]);

describe('an append whose answer is lost', () => {
  it.each(faults.flatMap((fault) => (['new', 1] as const).map((expected) => ({ ...fault, expected }))))(
    'is written once where it expects $expected ($kind, $when it was written)',
    async ({ expected, ...fault }) => {
      const { server, store } = await running({}, DEADLINE);
      const stream = someStream();
      if (expected === 1) await appendOneByOne(store, stream, 2);
      server.faults.add(fault);
      const events = [someEvent(1), someEvent(2)];
      const appended = await store.append([{ stream, expected, events }], someMetadata());
      expect(server.faults.pending).toBe(0);
      const stored = await store.readStream(stream, { from: expected === 1 ? 2 : 0 });
      expect(stored.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
      expect(appended).toMatchObject({ position: stored[1]?.position, repeated: false });
    },
  );

  it('is told apart from a repeat of an earlier one, which is answered as that', async () => {
    const { server, store } = await running();
    const writes = [{ stream: someStream(), expected: 'new' as const, events: [someEvent(1)] }];
    const first = await store.append(writes, someMetadata());
    server.faults.add({ kind: 'unavailable', when: 'before' });
    expect(await store.append(writes, someMetadata())).toEqual({ ...first, repeated: true });
  });

  it.each<ExpectedRevision>(['any', 'exists'])(
    'is searched for by its ids where it expects %s',
    async (expected) => {
      const { server, store } = await running();
      const stream = someStream();
      await appendOneByOne(store, stream, 2);
      server.faults.add({ kind: 'unavailable', when: 'after' });
      const events = [someEvent(1), someEvent(2)];
      const appended = await store.append([{ stream, expected, events }], someMetadata());
      expect(appended.streams).toEqual([{ stream, revision: 3 }]);
      expect(await store.readStream(stream)).toHaveLength(4);
      // Sent once: the leader compares ids with its memory alone, and would have forgotten them after a restart.
      expect(server.appends).toHaveLength(3);
    },
  );

  it.each<ExpectedRevision>(['any', 'exists'])(
    'is not sent again where it expects %s and is not found: nobody knows',
    async (expected) => {
      const { server, store } = await running();
      const stream = someStream();
      await appendOneByOne(store, stream, 1);
      server.faults.add({ kind: 'unavailable', when: 'before' });
      await expect(
        store.append([{ stream, expected, events: [someEvent(1)] }], someMetadata()),
      ).rejects.toMatchObject({ code: 'event-store.unavailable', kind: 'unavailable' });
      expect(server.appends).toHaveLength(2);
      expect(await store.readStream(stream)).toHaveLength(1);
    },
  );

  it('is a conflict when another writer was quicker', async () => {
    const { server, store } = await running();
    const stream = someStream();
    server.faults.add({ kind: 'unavailable', when: 'before' });
    const slow = store.append([{ stream, expected: 'new', events: [someEvent(1)] }], someMetadata());
    const other = { id: crypto.randomUUID(), type: 'other.v1', contentType: 'application/json' };
    const none = new TextEncoder().encode('{}');
    server.log.append([{ stream, expected: -1n, events: [{ ...other, data: none, metadata: none }] }]);
    await expect(slow).rejects.toBeInstanceOf(WrongExpectedRevision);
  });

  it('is sent twice at most: a server that never answers makes it unavailable, in time', async () => {
    const { server, store } = await running({}, DEADLINE);
    await appendOneByOne(store, someStream(), 1);
    server.faults.add({ kind: 'silence', when: 'before' }, { kind: 'silence', when: 'before' });
    const begun = performance.now();
    await expect(
      store.append([{ stream: someStream(), expected: 'new', events: [someEvent(1)] }], someMetadata()),
    ).rejects.toMatchObject({ code: 'event-store.unavailable' });
    expect(server.appends).toHaveLength(3);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  it('is found over several streams as well, whole', async () => {
    const { server, store } = await running();
    const [a, b] = [someStream(), someStream()];
    server.faults.add({ kind: 'timeout', when: 'after' });
    const appended = await store.append(
      [
        { stream: a, expected: 'new', events: [someEvent(1)] },
        { stream: b, expected: 'new', events: [someEvent(2), someEvent(3)] },
      ],
      someMetadata(),
    );
    expect(appended.streams).toEqual([
      { stream: a, revision: 0 },
      { stream: b, revision: 1 },
    ]);
    expect(server.log.stream(b)).toHaveLength(2);
  });

  it('is found on a server without batches, whose time-out has another name', async () => {
    const { server, store } = await running({ version: '24.10', batches: false });
    const stream = someStream();
    server.faults.add({ kind: 'aborted', when: 'after' });
    await store.append([{ stream, expected: 'new', events: [someEvent(1)] }], someMetadata());
    expect(server.appends[0]).toBe('unary');
    expect(await store.readStream(stream)).toHaveLength(1);
  });
});
