import type { EventStore } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { PromiseTests } from './kit';
import { appendOneByOne, someEvent, someMetadata, someStream } from './kit';

/** Reads a subscription until `enough` says so; tells what came before and after it was live. */
async function collect(
  store: EventStore,
  after: bigint,
  enough: (events: readonly RecordedEvent[], live: boolean) => boolean,
  onLive: () => void = () => undefined,
): Promise<{ events: RecordedEvent[]; beforeLive: number }> {
  const abort = new AbortController();
  const events: RecordedEvent[] = [];
  let beforeLive = -1;
  for await (const message of store.subscribe({ after, pageSize: 4, signal: abort.signal })) {
    if (message.kind === 'events') events.push(...message.events);
    else if (beforeLive < 0) {
      beforeLive = events.length;
      onLive();
    }
    if (enough(events, beforeLive >= 0)) abort.abort();
  }
  return { events, beforeLive };
}

/** A subscription catches up from anywhere, says when it is live, and misses and doubles nothing. */
export const subscribing: PromiseTests = (store) => {
  it('catches up, says that it is live, then follows', async () => {
    const { position: before } = await store().head();
    const stream = someStream();
    await appendOneByOne(store(), stream, 10);
    const { events, beforeLive } = await collect(
      store(),
      before,
      (seen) => seen.length === 20,
      () => void appendOneByOne(store(), stream, 10, 10),
    );
    expect(beforeLive).toBe(10);
    expect(events.map(({ revision }) => revision)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('starts behind any position', async () => {
    const stream = someStream();
    await appendOneByOne(store(), stream, 6);
    const { position } = await store().head();
    const { events } = await collect(store(), position - 2n, (seen, live) => live && seen.length === 2);
    expect(events.map(({ revision }) => revision)).toEqual([4, 5]);
  });

  it('sees each event once and in order while writers write', async () => {
    const { position: before } = await store().head();
    const writing = Promise.all(Array.from({ length: 8 }, () => appendOneByOne(store(), someStream(), 25)));
    const { events } = await collect(store(), before, (seen) => seen.length >= 200);
    await writing;
    expect(events.map(({ position }) => position)).toEqual(
      Array.from({ length: 200 }, (_, n) => before + BigInt(n + 1)),
    );
  });

  it('ends when its reader aborts and when the store closes', async () => {
    const abort = new AbortController();
    const ended = (async () => {
      for await (const message of store().subscribe({ after: 0n, signal: abort.signal })) {
        if (message.kind === 'live') abort.abort();
      }
      return 'ended';
    })();
    expect(await ended).toBe('ended');
    const closed = (async () => {
      for await (const message of store().subscribe({ after: 0n, signal: new AbortController().signal })) {
        if (message.kind === 'live') void store().close();
      }
      return 'closed';
    })();
    expect(await closed).toBe('closed');
  });

  it('holds no more than a page for a reader that is slow', async () => {
    await store().append(
      [{ stream: someStream(), expected: 'new', events: Array.from({ length: 40 }, (_, n) => someEvent(n)) }],
      someMetadata(),
    );
    const abort = new AbortController();
    const sizes: number[] = [];
    for await (const message of store().subscribe({ after: 0n, pageSize: 4, signal: abort.signal })) {
      if (message.kind === 'live') abort.abort();
      else sizes.push(message.events.length);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
  });
};
