import type { EventStore } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { PromiseTests } from './kit';
import { appendOneByOne, expectRising, someStream } from './kit';

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
export const subscribing: PromiseTests = (store, under) => {
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
    const from = (await store().readStream(stream, { from: 3, limit: 1 })).at(0)?.position ?? 0n;
    const { events } = await collect(store(), from, (seen, live) => live && seen.length === 2);
    expect(events.map(({ revision }) => revision)).toEqual([4, 5]);
  });

  it('sees each event once and in order while writers write', async () => {
    const { position: before } = await store().head();
    const writing = Promise.all(Array.from({ length: 8 }, () => appendOneByOne(store(), someStream(), 25)));
    const { events } = await collect(store(), before, (seen) => seen.length >= 200);
    await writing;
    expect(events).toHaveLength(200);
    expectRising(
      under,
      events.map(({ position }) => position),
      before,
    );
  });

  it('moves on with a filter that lets nothing through, and sees what comes then', async () => {
    const { position: before } = await store().head();
    await appendOneByOne(store(), someStream(), 30);
    const { position: middle } = await store().head();
    const wanted = someStream('wanted');
    const abort = new AbortController();
    const seen: string[] = [];
    let looked = before;
    const filter = { categories: ['wanted'] };
    for await (const message of store().subscribe({
      after: before,
      filter,
      pageSize: 4,
      signal: abort.signal,
    })) {
      expect(message.position >= looked).toBe(true);
      looked = message.position;
      if (message.kind === 'events') seen.push(...message.events.map(({ stream }) => stream));
      if (message.kind === 'live' && seen.length === 0) {
        expect(looked >= middle).toBe(true);
        await appendOneByOne(store(), wanted, 1);
      }
      if (seen.length > 0) abort.abort();
    }
    expect(seen).toEqual([wanted]);
  });
};
