import { WrongExpectedRevision } from '@guanxi/event-store';
import type { PromiseTests } from './kit';
import { appendOneByOne, everything, someEvent, someMetadata, someStream } from './kit';

/** An append to several streams is in as a whole or not at all. */
export const severalStreams: PromiseTests = (store, under) => {
  if (!under.severalStreams) {
    it('is refused with a clear word where the server has no such append', async () => {
      const writes = [1, 2].map((n) => ({
        ...{ stream: someStream(), expected: 'new' as const, events: [someEvent(n)] },
      }));
      await expect(store().append(writes, someMetadata())).rejects.toMatchObject({
        code: 'event-store.several-streams-unsupported',
      });
    });
    return;
  }

  it('writes to several streams under one recordedAt, in the order given', async () => {
    const [a, b] = [someStream(), someStream()];
    await appendOneByOne(store(), b, 3);
    const { position: before } = await store().head();
    const appended = await store().append(
      [
        { stream: a, expected: 'new', events: [someEvent(1), someEvent(2)] },
        { stream: b, expected: 'exists', events: [someEvent(3)] },
      ],
      someMetadata(),
    );
    expect(appended.streams).toEqual([
      { stream: a, revision: 1 },
      { stream: b, revision: 3 },
    ]);
    const events = await everything(store(), before);
    expect(events.map(({ stream, revision }) => [stream, revision])).toEqual([
      [a, 0],
      [a, 1],
      [b, 3],
    ]);
    expect(new Set(events.map(({ recordedAt }) => recordedAt)).size).toBe(1);
  });

  it('writes nothing at all when one stream is not as expected', async () => {
    const [a, b] = [someStream(), someStream()];
    const { position: before } = await store().head();
    const writes = [
      { stream: a, expected: 'new' as const, events: [someEvent(1)] },
      { stream: b, expected: 5, events: [someEvent(2)] },
    ];
    await expect(store().append(writes, someMetadata())).rejects.toBeInstanceOf(WrongExpectedRevision);
    expect(await store().readStream(a)).toEqual([]);
    expect((await store().head()).position).toBe(before);
  });
};
