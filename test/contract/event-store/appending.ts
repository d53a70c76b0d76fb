import { DomainError } from '@guanxi/kernel';
import { LIMITS } from '@guanxi/event-store';
import type { PromiseTests } from './kit';
import { at, everything, someEvent, someMetadata, someStream } from './kit';

/** What is appended is read back as it was, at consecutive positions. */
export const appending: PromiseTests = (store) => {
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
      position: appended.position - 1n,
      recordedAt: appended.recordedAt,
      metadata,
    });
    expect(two).toMatchObject({ revision: 1, position: appended.position, data: { n: 2 } });
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

  it('gives out positions without gaps, in the order of appends', async () => {
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
    expect(events.map(({ position }) => position)).toEqual(
      Array.from({ length: 80 }, (_, n) => before + BigInt(n + 1)),
    );
    expect((await store().head()).position).toBe(before + 80n);
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

  it.each([
    [
      'an append without events',
      [{ stream: 'thing-1', expected: 'new' as const, events: [] }],
      'empty-append',
    ],
    [
      'a name with a space',
      [{ stream: 'thing 1', expected: 'new' as const, events: [someEvent(1)] }],
      'stream-name',
    ],
    [
      'a name with a control character',
      [{ stream: 'thing\u0007', expected: 'new' as const, events: [someEvent(1)] }],
      'stream-name',
    ],
    [
      'a name that is too long',
      [{ stream: 't'.repeat(201), expected: 'new' as const, events: [someEvent(1)] }],
      'stream-name',
    ],
    ['a system name', [{ stream: '$all', expected: 'new' as const, events: [someEvent(1)] }], 'stream-name'],
    [
      'a revision that is none',
      [{ stream: 'thing-1', expected: 1.5, events: [someEvent(1)] }],
      'expected-revision',
    ],
    [
      'a stream named twice',
      [
        { stream: 'thing-1', expected: 'any' as const, events: [someEvent(1)] },
        { stream: 'thing-1', expected: 'any' as const, events: [someEvent(2)] },
      ],
      'stream-twice',
    ],
    [
      'too many events',
      [
        {
          stream: 'thing-1',
          expected: 'any' as const,
          events: Array.from({ length: LIMITS.eventsPerAppend + 1 }, (_, n) => someEvent(n)),
        },
      ],
      'too-many-events',
    ],
    [
      'an event that is too large',
      [
        {
          stream: 'thing-1',
          expected: 'any' as const,
          events: [{ ...someEvent(1), data: { text: 'x'.repeat(LIMITS.eventBytes) } }],
        },
      ],
      'event-too-large',
    ],
  ])('refuses %s and writes nothing', async (_, writes, rule) => {
    const { position: before } = await store().head();
    const refusal = await store()
      .append(writes, someMetadata())
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DomainError);
    expect((refusal as DomainError).code).toBe(`event-store.${rule}`);
    expect((await store().head()).position).toBe(before);
  });

  it('refuses one event id twice in an append', async () => {
    const event = someEvent(1);
    const writes = [{ stream: someStream(), expected: 'any' as const, events: [event, event] }];
    await expect(store().append(writes, someMetadata())).rejects.toMatchObject({
      code: 'event-store.duplicate-event-id',
    });
  });
};
