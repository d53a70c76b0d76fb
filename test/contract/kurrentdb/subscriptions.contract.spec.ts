import type { EventStore, ReadAllOptions, SubscriptionMessage } from '@guanxi/event-store';
import { appendOneByOne, someEvent, someMetadata, someStream } from '../event-store/kit';
import { TransactionLog } from '../../support/kurrentdb/log';
import { another, endAll, running, storeOn } from './running';

afterEach(endAll);

/** Messages until `enough`; what follows is left where it is. */
async function take(
  store: EventStore,
  options: ReadAllOptions,
  enough: (message: SubscriptionMessage, all: readonly SubscriptionMessage[]) => boolean | Promise<boolean>,
): Promise<readonly SubscriptionMessage[]> {
  const stop = new AbortController();
  const taken: SubscriptionMessage[] = [];
  for await (const message of store.subscribe({ ...options, signal: stop.signal })) {
    taken.push(message);
    if (await enough(message, taken)) stop.abort();
  }
  return taken;
}

const numbersOf = (messages: readonly SubscriptionMessage[]): readonly unknown[] =>
  messages.flatMap((message) =>
    message.kind === 'events' ? message.events.map(({ data }) => data['n']) : [],
  );

describe('a subscription to KurrentDB', () => {
  it('says that it is live behind the events that were received before it, however slowly they are taken', async () => {
    const { store } = await running();
    await appendOneByOne(store, someStream(), 150);
    const seen = await take(store, { after: 0n, pageSize: 10 }, async ({ kind }) => {
      // As long as a turn of the loop: the word of having caught up is there long before the events are taken.
      await new Promise((resolve) => setImmediate(resolve));
      return kind === 'live';
    });
    expect(numbersOf(seen)).toEqual(Array.from({ length: 150 }, (_, n) => n));
    expect(seen.at(-1)?.kind).toBe('live');
    expect(seen.filter(({ kind }) => kind === 'live')).toHaveLength(1);
  });

  it('tells a filtered reader how far was looked, where nothing passes', async () => {
    const { store } = await running();
    await appendOneByOne(store, someStream(), 100);
    const { position: head } = await store.head();
    const seen = await take(
      store,
      { after: 0n, filter: { types: ['none.v1'] } },
      ({ kind }) => kind === 'live',
    );
    expect(numbersOf(seen)).toEqual([]);
    const positions = seen.map(({ position }) => position);
    expect(positions.length).toBeGreaterThan(2);
    expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
    expect(positions.at(-1)).toBe(head);
  });

  it('never tells of a place behind events that it has not handed out', async () => {
    const { server, store } = await running();
    const stream = someStream('wanted');
    const others = someStream();
    for (let n = 0; n < 90; n += 1) {
      await store.append(
        [{ stream: n % 2 ? stream : others, expected: 'any', events: [someEvent(n)] }],
        someMetadata(),
      );
      if (n % 5 === 0) server.log.writeSystemEvent();
    }
    const filter = { categories: ['wanted'] };
    const seen = await take(store, { after: 0n, filter, pageSize: 4 }, ({ kind }) => kind === 'live');
    let looked = 0n;
    for (const message of seen) {
      if (message.kind !== 'events') continue;
      for (const { position } of message.events)
        expect(position > looked && position <= message.position).toBe(true);
      looked = message.position;
    }
    expect(numbersOf(seen)).toEqual(Array.from({ length: 45 }, (_, n) => 2 * n + 1));
  });

  it('is taken up again behind the last event when the server ends it without a word', async () => {
    const { server, store } = await running();
    const stream = someStream();
    await appendOneByOne(store, stream, 3);
    let rounds = 0;
    const seen = await take(store, { after: 0n }, async ({ kind }, all) => {
      if (kind === 'live' && rounds < 3) {
        rounds += 1;
        server.endSubscriptions();
        await appendOneByOne(store, stream, 2, 1 + rounds * 2);
      }
      return numbersOf(all).length === 9;
    });
    expect(numbersOf(seen)).toEqual(Array.from({ length: 9 }, (_, n) => n));
    expect(server.reads.filter((what) => what === 'subscription').length).toBeGreaterThanOrEqual(4);
  });

  it('survives that the server goes away and comes back, without a gap and without a double', async () => {
    const log = new TransactionLog();
    const { server, store } = await running({ log });
    const stream = someStream();
    await appendOneByOne(store, stream, 3);
    let restarted = false;
    const seen = await take(store, { after: 0n }, async ({ kind }, all) => {
      if (kind === 'live' && !restarted) {
        restarted = true;
        server.stop();
        const back = await another({ log, port: server.port });
        await appendOneByOne(storeOn(back.url()), stream, 3, 3);
      }
      return numbersOf(all).length === 6;
    });
    expect(numbersOf(seen)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('stops the stream of a reader who takes nothing, and loses nothing by it', async () => {
    const { server, store } = await running();
    const stream = someStream();
    const text = 'x'.repeat(20_000);
    for (let n = 0; n < 20; n += 1) {
      const events = Array.from({ length: 50 }, (_, k) => ({
        ...someEvent(n * 50 + k),
        data: { n: n * 50 + k, text },
      }));
      await store.append([{ stream, expected: 'any', events }], someMetadata());
    }
    const stop = new AbortController();
    const messages = store
      .subscribe({ after: 0n, pageSize: 10, signal: stop.signal })
      [Symbol.asyncIterator]();
    const first = await messages.next();
    // In the time of many calls the server could send it all, but it waits for the reader.
    await appendOneByOne(store, someStream(), 20);
    expect(server.sent).toBeLessThan(500);
    const taken: SubscriptionMessage[] = [first.value as SubscriptionMessage];
    while (numbersOf(taken).length < 1_020) taken.push((await messages.next()).value as SubscriptionMessage);
    stop.abort();
    expect(numbersOf(taken).slice(0, 1_000)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  });

  it('hands out appends whole where a page has room for them', async () => {
    const { store } = await running();
    const stream = someStream();
    const sizes = [3, 1, 5, 2, 4];
    for (const [n, size] of sizes.entries()) {
      const events = Array.from({ length: size }, () => someEvent(n));
      await store.append([{ stream, expected: 'any', events }], someMetadata());
    }
    const seen = await take(store, { after: 0n, pageSize: 100 }, ({ kind }) => kind === 'live');
    const counts = new Map<unknown, number>();
    for (const message of seen) {
      if (message.kind !== 'events') continue;
      for (const { data } of message.events) counts.set(data['n'], (counts.get(data['n']) ?? 0) + 1);
      for (const [n, count] of counts) expect(count).toBe(sizes[Number(n)]);
    }
    expect(counts.size).toBe(5);
  });
});
