import type { PromiseTests } from './kit';
import { at, everything, expectRising, someEvent, someMetadata, someStream } from './kit';

/** What is appended is read back as it was, at rising positions. */
export const appending: PromiseTests = (store, under) => {
  it('reads back what was appended, with its coordinates', async () => {
    const stream = someStream();
    const metadata = someMetadata();
    const first = {
      ...someEvent(1),
      data: { text: 'quoted "text", 关系, \\u0000 and \u2028', nested: { list: [1, null] } },
    };
    const appended = await store().append(
      [{ stream, expected: 'new', events: [first, someEvent(2)] }],
      metadata,
    );
    const [one, two] = await store().readStream(stream);
    expect(one).toEqual({
      ...first,
      stream,
      revision: 0,
      position: expect.any(BigInt),
      recordedAt: appended.recordedAt,
      metadata,
    });
    expect(two).toMatchObject({ revision: 1, position: appended.position, data: { n: 2 } });
    expectRising(under, [one?.position ?? 0n, two?.position ?? 0n], (one?.position ?? 0n) - 1n);
    expect(appended.streams).toEqual([{ stream, revision: 1 }]);
  });

  it('keeps occurredAt to the millisecond, far in the past too', async () => {
    const stream = someStream();
    const event = { ...someEvent(1), occurredAt: at('1969-07-20T20:17:40.123+00:00') };
    await store().append([{ stream, expected: 'new', events: [event] }], someMetadata());
    const [read] = await store().readStream(stream);
    expect(read?.occurredAt).toBe('1969-07-20T20:17:40.123Z');
  });

  it('reads a part of a stream', async () => {
    const stream = someStream();
    const events = [0, 1, 2, 3, 4].map((n) => someEvent(n));
    await store().append([{ stream, expected: 'new', events }], someMetadata());
    const part = await store().readStream(stream, { from: 2, limit: 2 });
    expect(part.map(({ revision }) => revision)).toEqual([2, 3]);
    expect(await store().readStream(someStream())).toEqual([]);
  });

  it('reads several streams by type, in the order of the log', async () => {
    const [a, b] = [someStream(), someStream()];
    for (const [n, stream] of [a, b, a].entries()) {
      const events = [someEvent(n, 'wanted.v1'), someEvent(n, 'other.v1')];
      await store().append([{ stream, expected: 'any', events }], someMetadata());
    }
    const read = await store().readStreams([a, b, someStream()], ['wanted.v1', 'unknown.v1']);
    expect(read.map(({ stream, data }) => [stream, data])).toEqual([
      [a, { n: 0 }],
      [b, { n: 1 }],
      [a, { n: 2 }],
    ]);
  });

  it('gives out rising positions, in the order of appends', async () => {
    const { position: before } = await store().head();
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        store().append(
          [{ stream: someStream(), expected: 'new', events: [someEvent(n), someEvent(n)] }],
          someMetadata(),
        ),
      ),
    );
    const events = await everything(store(), before);
    expect(events).toHaveLength(80);
    expectRising(
      under,
      events.map(({ position }) => position),
      before,
    );
    expect((await store().head()).position).toBe(events.at(-1)?.position);
  });

  it('never lets recordedAt go backwards, and finds the last position of a moment', async () => {
    for (let n = 0; n < 5; n += 1) {
      await store().append(
        [{ stream: someStream(), expected: 'new', events: [someEvent(n)] }],
        someMetadata(),
      );
    }
    const events = await everything(store());
    const recorded = events.map(({ recordedAt }) => recordedAt);
    expect([...recorded].sort()).toEqual(recorded);
    const last = events.at(-1);
    expect(await store().positionAt(at('2199-01-01T00:00:00Z'))).toBe(last?.position);
    expect(await store().positionAt(at('1999-01-01T00:00:00Z'))).toBe(0n);
    const middle = events[2];
    const untilMiddle = events.filter(({ recordedAt }) => middle && recordedAt <= middle.recordedAt);
    expect(middle && (await store().positionAt(middle.recordedAt))).toBe(untilMiddle.at(-1)?.position);
  });
};
