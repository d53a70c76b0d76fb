import { WrongExpectedRevision } from '@guanxi/event-store';
import type { PromiseTests } from './kit';
import { appendOneByOne, someEvent, someMetadata, someStream } from './kit';

/** An append that says where its events go may be sent again, and answers as it did the first time. */
export const repeating: PromiseTests = (store, { severalStreams }) => {
  it.each(['new', 1] as const)('answers a repeat that expects %s as the first time', async (expected) => {
    const stream = someStream();
    if (expected === 1) await appendOneByOne(store(), stream, 2);
    const writes = [{ stream, expected, events: [someEvent(1), someEvent(2)] }];
    const metadata = someMetadata();
    const first = await store().append(writes, metadata);
    await store().append([{ stream, expected: 'exists', events: [someEvent(3)] }], someMetadata());
    const { position } = await store().head();
    expect(await store().append(writes, metadata)).toEqual({ ...first, repeated: true });
    expect((await store().head()).position).toBe(position);
  });

  it('answers repeats that race as the one that won', async () => {
    const writes = [{ stream: someStream(), expected: 'new' as const, events: [someEvent(1)] }];
    const metadata = someMetadata();
    const answers = await Promise.all(Array.from({ length: 10 }, () => store().append(writes, metadata)));
    expect(new Set(answers.map(({ position }) => position)).size).toBe(1);
    expect(await store().readStream(writes[0]?.stream ?? '')).toHaveLength(1);
  });

  it('takes other ids, or only some of them, for another append', async () => {
    const stream = someStream();
    const [one, two] = [someEvent(1), someEvent(2)];
    await store().append([{ stream, expected: 'new', events: [one, two] }], someMetadata());
    for (const events of [
      [someEvent(1), someEvent(2)],
      [one, someEvent(2)],
      [two, one],
      [one, two, someEvent(3)],
    ]) {
      await expect(
        store().append([{ stream, expected: 'new', events }], someMetadata()),
      ).rejects.toBeInstanceOf(WrongExpectedRevision);
    }
    expect(await store().readStream(stream)).toHaveLength(2);
  });

  (severalStreams ? it : it.skip)(
    'answers a repeat over several streams, which is whole or none',
    async () => {
      const [a, b] = [someStream(), someStream()];
      await appendOneByOne(store(), b, 1);
      const [toA, toB] = [
        { stream: a, expected: 'new' as const, events: [someEvent(1)] },
        { stream: b, expected: 0, events: [someEvent(2)] },
      ];
      const first = await store().append([toA, toB], someMetadata());
      expect(await store().append([toA, toB], someMetadata())).toEqual({ ...first, repeated: true });
      const mixed = [toA, { ...toB, expected: 1, events: [someEvent(3)] }];
      await expect(store().append(mixed, someMetadata())).rejects.toBeInstanceOf(WrongExpectedRevision);
      expect(await store().readStream(b)).toHaveLength(2);
    },
  );
};
