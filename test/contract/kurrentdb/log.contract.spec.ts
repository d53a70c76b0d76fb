import type { EventFilter } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { Proposed } from '../../support/kurrentdb/log';
import { appendOneByOne, everything, someEvent, someMetadata, someStream } from '../event-store/kit';
import type { Running } from './running';
import { endAll, running, storeOn } from './running';

afterEach(endAll);

/** An event as another program writes it into the same KurrentDB. */
const foreign = (type = 'foreign', text = '{"n":1}'): Proposed => ({
  id: crypto.randomUUID(),
  type,
  contentType: 'application/json',
  data: new TextEncoder().encode(text),
  metadata: new TextEncoder().encode('{"by":"another program"}'),
});

describe('the log of KurrentDB', () => {
  let on: Running;
  beforeEach(async () => {
    on = await running();
  });

  it('shows neither events of the server nor those of other programs, and its head is the last of ours', async () => {
    const { server, store } = on;
    expect(await store.head()).toEqual({ position: 0n });
    const stream = someStream();
    await appendOneByOne(store, stream, 3);
    const { position } = await store.head();
    for (let n = 0; n < 100; n += 1) {
      server.log.writeSystemEvent();
      server.log.append([{ stream: 'foreign-1', expected: -2n, events: [foreign()] }]);
      server.log.append([{ stream: '$foreign', expected: -2n, events: [foreign()] }]);
    }
    expect(await store.head()).toEqual({ position });
    expect((await everything(store)).map((event) => event.stream)).toEqual([stream, stream, stream]);
    expect(await store.readStream('foreign-1')).toEqual([]);
  });

  it('passes over what another program writes into a stream of ours, page by page', async () => {
    const { server, store } = on;
    const stream = someStream();
    const others = Array.from({ length: 1_500 }, () => foreign());
    server.log.append([{ stream, expected: -2n, events: others }]);
    await store.append([{ stream, expected: 'exists', events: [someEvent(1)] }], someMetadata());
    expect((await store.readStream(stream)).map(({ revision }) => revision)).toEqual([1_500]);
    expect(await everything(store)).toHaveLength(1);
  });

  it('is read by positions that rise and have gaps, from behind each of them', async () => {
    const { server, store } = on;
    for (let n = 0; n < 25; n += 1) {
      await appendOneByOne(store, someStream(), 1);
      if (n % 3 === 0) server.log.writeSystemEvent();
    }
    const all = await everything(store);
    expect(all).toHaveLength(25);
    for (const [index, { position }] of all.entries()) {
      expect(await everything(store, position)).toEqual(all.slice(index + 1));
    }
  });

  it.each<[EventFilter, number]>([
    [{ types: ['a.v1'] }, 4],
    [{ types: ['a.v1', 'b.v1'] }, 6],
    [{ types: ['a.v'] }, 0],
    [{ categories: ['deal'] }, 4],
    [{ categories: ['deal', 'dealer'] }, 6],
    [{ categories: ['de.l'] }, 0],
    [{ categories: ['plain'] }, 1],
    [{ prefixes: ['deal-'] }, 4],
    [{ prefixes: ['deal', 'pl'] }, 7],
    [{ prefixes: [''] }, 7],
    [{ types: ['a.v1'], categories: ['deal'], prefixes: ['deal-1'] }, 1],
    [{ types: [] }, 0],
    [{ categories: [] }, 0],
    [{ prefixes: [], types: ['a.v1'] }, 0],
  ])('filters by %j, in the server and for the rest here', async (filter, count) => {
    const { store } = on;
    for (const [stream, type] of [
      ['deal-1', 'a.v1'],
      ['deal-1', 'a.v11'],
      ['deal-2', 'a.v1'],
      ['deal-22', 'b.v1'],
      ['dealer-1', 'a.v1'],
      ['dealer-2', 'b.v1'],
      ['plain', 'a.v1'],
    ] as const) {
      await store.append([{ stream, expected: 'any', events: [someEvent(1, type)] }], someMetadata());
    }
    const found: RecordedEvent[] = [];
    for await (const page of store.readAll({ after: 0n, filter, pageSize: 2 })) {
      expect(page.length).toBeLessThanOrEqual(2);
      found.push(...page);
    }
    expect(found).toHaveLength(count);
    const stop = new AbortController();
    const followed: RecordedEvent[] = [];
    for await (const message of store.subscribe({ after: 0n, filter, signal: stop.signal })) {
      if (message.kind === 'live') stop.abort();
      else followed.push(...message.events);
    }
    expect(followed).toEqual(found);
  });

  it('keeps exact text, and reads it back in another process', async () => {
    const { server, store } = on;
    const stream = someStream();
    const data = {
      'quoted "text"': '关系 \u2028 \ud800',
      nested: { list: [1, null, -0.5e-7] },
      2: 'b',
      1: 'a',
    };
    await store.append([{ stream, expected: 'new', events: [{ ...someEvent(1), data }] }], someMetadata());
    const stored = new TextDecoder().decode(server.log.stream(stream)[0]?.data);
    expect(stored).toBe(JSON.stringify(data));
    expect((await storeOn(server.url()).readStream(stream))[0]?.data).toEqual(data);
  });

  it('reads long streams in pages, and parts of them', async () => {
    const { store } = on;
    const stream = someStream();
    for (let n = 0; n < 5; n += 1) {
      const events = Array.from({ length: 500 }, (_, k) => someEvent(n * 500 + k));
      await store.append([{ stream, expected: 'any', events }], someMetadata());
    }
    expect(await store.readStream(stream)).toHaveLength(2_500);
    const part = await store.readStream(stream, { from: 1_990, limit: 20 });
    expect(part.map(({ revision }) => revision)).toEqual(Array.from({ length: 20 }, (_, n) => 1_990 + n));
    expect(await store.readStream(stream, { from: 2_500 })).toEqual([]);
    expect(await store.readStream(stream, { limit: 0 })).toEqual([]);
  });
});
