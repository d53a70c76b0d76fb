import type { Appended, ExpectedRevision } from '@guanxi/event-store';
import { WrongExpectedRevision } from '@guanxi/event-store';
import type { PromiseTests } from './kit';
import { appendOneByOne, expectRising, someEvent, someMetadata, someStream } from './kit';

/** A write is accepted only if its stream is as the writer expects; a refused one burns no position. */
export const expectedRevisions: PromiseTests = (store, under) => {
  const append = (stream: string, expected: ExpectedRevision) =>
    store().append([{ stream, expected, events: [someEvent(9)] }], someMetadata());

  it.each<[ExpectedRevision, number, boolean]>([
    ['new', 0, true],
    ['new', 1, false],
    ['exists', 0, false],
    ['exists', 2, true],
    ['any', 0, true],
    ['any', 2, true],
    [0, 0, false],
    [0, 1, true],
    [1, 1, false],
    [0, 2, false],
    [1, 2, true],
  ])('expected %s on a stream of %i events', async (expected, length, accepted) => {
    const stream = someStream();
    await appendOneByOne(store(), stream, length);
    const { position: before } = await store().head();
    const outcome = await append(stream, expected).catch((error: unknown) => error);
    if (accepted) {
      expect(outcome).toMatchObject({ streams: [{ stream, revision: length }] });
      expectRising(under, [(outcome as Appended).position], before);
      return;
    }
    expect(outcome).toBeInstanceOf(WrongExpectedRevision);
    expect(outcome).toMatchObject({ stream, expected, actual: length - 1 });
    expect((await store().head()).position).toBe(before);
  });

  it.each<ExpectedRevision>(['new', 0])(
    'lets one of many racing writers win at %s, and only one',
    async (expected) => {
      const stream = someStream();
      if (expected === 0) await appendOneByOne(store(), stream, 1);
      const { position: before } = await store().head();
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => append(stream, expected)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const lost = outcomes.filter(({ status }) => status === 'rejected');
      expect(
        lost.every((outcome) => (outcome as PromiseRejectedResult).reason instanceof WrongExpectedRevision),
      ).toBe(true);
      expectRising(under, [(await store().head()).position], before);
    },
  );

  it('takes all racing writers that expect anything, each at a revision of its own', async () => {
    const stream = someStream();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => append(stream, 'any')));
    const revisions = outcomes.map(({ streams }) => streams[0]?.revision ?? -1).sort((a, b) => a - b);
    expect(revisions).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });
};
