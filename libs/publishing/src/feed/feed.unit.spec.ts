import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventStore } from '@guanxi/event-store';
import { EventRegistry, MemoryEventStore, newId, unavailable } from '@guanxi/event-store';
import { event, parseInstant, retiredEvent } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';
import { SseReader } from '../../../../test/support/sse';
import { publicEventsOf } from '../contracts/contract';
import { ContractBook } from '../contracts/contract-book';
import { BEGINNING, parseCursor } from './cursor';
import type { FeedRequest } from './feed';
import { Feed } from './feed';
import type { FeedSettings } from './settings';

type Stored =
  | { readonly type: 'thing-made.v2'; readonly data: { readonly number: number; readonly text?: string } }
  | { readonly type: 'thing-named.v1'; readonly data: { readonly name: string } };
const publish = publicEventsOf<Stored>('thing');

const things = {
  name: 'guanxi.things',
  title: 'Things',
  description: 'Things.',
  partitions: 1,
  retentionDays: 1,
};
const Made = Type.Object({ number: Type.Integer(), text: Type.Optional(Type.String()) });
const publications = [
  {
    topic: things,
    events: [
      publish('thing-made.v2', { version: 1, summary: 'Made.', schema: Made, map: ({ data }) => data }),
      publish('thing-made.v2', { version: 2, summary: 'Made.', schema: Made, map: ({ data }) => data }),
    ],
  },
  {
    topic: { ...things, name: 'guanxi.people', personal: true as const },
    events: [
      publish('thing-named.v1', {
        summary: 'Named.',
        schema: Type.Object({ name: Type.String() }),
        map: ({ data: { name } }) => ({ name }),
      }),
    ],
  },
];
const registry = new EventRegistry([
  event('thing-made.v2', Made),
  retiredEvent('thing-made.v1', Type.Object({}), { to: 'thing-made.v2', data: () => ({ number: -1 }) }),
  event('thing-named.v1', Type.Object({ name: Type.String() })),
  event('thing-secret.v1', Type.Object({})),
]);
const book = new ContractBook(publications, '/guanxi/test');
const metadata = {
  ...{ commandId: newId(), command: 'Test', commandHash: '', correlationId: 'c', actor: 'a', tenant: 't' },
  policyVersion: 1,
};

/** A feed on a store in memory, over real HTTP. */
class Bench {
  readonly store = new MemoryEventStore();
  readonly logged: unknown[] = [];
  readonly feed: Feed;
  readonly refusals: unknown[] = [];
  mayStay = true;
  private readonly server;
  private listening: Promise<void> | undefined;
  private readonly readers: SseReader[] = [];

  constructor(settings: Partial<FeedSettings> = {}, store: Partial<EventStore> = {}, countsEvents = true) {
    const log = {
      warn: (one: unknown) => this.logged.push(one),
      error: (one: unknown) => this.logged.push(one),
    };
    this.feed = new Feed({
      ...{ registry, book, source: '/guanxi/test', countsEvents, log, settings },
      store: Object.assign(Object.create(this.store) as MemoryEventStore, store),
    });
    this.server = createServer((request, response) => {
      const begin = () => response.writeHead(200);
      this.feed
        .stream(this.request(request.headers['last-event-id']), begin, async () => this.mayStay)
        .catch((error: unknown) => {
          this.refusals.push(error);
          response.writeHead(400).end();
        });
    });
  }

  request(last?: string | string[], types?: readonly string[]): FeedRequest {
    const from = typeof last === 'string' ? parseCursor(last) : BEGINNING;
    if (!from) throw new Error('no place');
    return { from, filter: this.feed.offer.filterOf({ types, mayReadPersonal: false }) };
  }

  async open(last?: string): Promise<SseReader> {
    this.listening ??= new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    await this.listening;
    const { port } = this.server.address() as AddressInfo;
    const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': last };
    const reader = await SseReader.open(`http://127.0.0.1:${port}/`, headers);
    this.readers.push(reader);
    return reader;
  }

  async poll(last?: string, more: { limit?: number; wait?: number; types?: readonly string[] } = {}) {
    const { limit = 100, wait = 0, types } = more;
    const asked = { ...this.request(last, types), limit, wait };
    const { frames, next } = await this.feed.poll(asked, new AbortController().signal);
    return { next, events: frames.map(({ line }) => JSON.parse(line.toString())) };
  }

  async write(type: string, ...data: object[]): Promise<void> {
    for (const one of data) {
      const event = { id: newId(), type, occurredAt: parseInstant('2026-01-01T00:00:00Z'), data: { ...one } };
      await this.store.append([{ stream: `thing-${newId()}`, expected: 'new', events: [event] }], metadata);
    }
  }

  async stop(): Promise<void> {
    await this.feed.stop();
    for (const reader of this.readers) reader.kill();
    await new Promise<void>((resolve) =>
      this.server.listening ? this.server.close(() => resolve()) : resolve(),
    );
    await this.store.close();
  }
}

const numbered = (count: number, text = ''): object[] =>
  Array.from({ length: count }, (_, number) => ({ number, text }));

describe('a feed', () => {
  let bench: Bench;
  afterEach(() => bench.stop());

  it('goes on in the middle of an event that is told in two messages', async () => {
    bench = new Bench();
    await bench.write('thing-made.v2', ...numbered(2));
    const reader = await bench.open();
    await reader.until(() => reader.events.length === 4);
    expect(reader.events.map(({ id, event: type }) => [id, type])).toEqual([
      ['1.0', 'guanxi.thing-made.v1'],
      ['1', 'guanxi.thing-made.v2'],
      ['2.0', 'guanxi.thing-made.v1'],
      ['2', 'guanxi.thing-made.v2'],
    ]);
    for (const countsEvents of [true, false]) {
      const again = countsEvents ? bench : new Bench({}, {}, countsEvents);
      if (!countsEvents) await again.write('thing-made.v2', ...numbered(2));
      const resumed = await again.open('1.0');
      await resumed.until(() => resumed.events.length === 3);
      expect(resumed.events.map(({ id }) => id)).toEqual(['1', '2.0', '2']);
      if (!countsEvents) await again.stop();
    }
  });

  it('finds the rest of an event by looking through the log, where the place before it has no number', async () => {
    bench = new Bench({ pageEvents: 1 }, {}, false);
    await bench.write('thing-made.v2', ...numbered(5));
    for (let again = 0; again < 2; again += 1) {
      const { events } = await bench.poll('3.0');
      expect(events.map(({ position }) => position)).toEqual(['3', '4', '4', '5', '5']);
    }
  });

  it('tells events of retired versions as they are now, and says where one cannot be told, without what it says', async () => {
    bench = new Bench();
    await bench.write('thing-made.v1', {});
    await bench.write('thing-made.v2', { number: 'Jane Doe' }, { number: 7 });
    const { events, next } = await bench.poll();
    expect(next).toBe('3');
    expect(events.map(({ type, data }) => [type, data])).toEqual([
      ['guanxi.thing-made.v1', { number: -1 }],
      ['guanxi.thing-made.v2', { number: -1 }],
      ['guanxi.unmappable', { position: '2', contract: 'thing-made.v1' }],
      ['guanxi.thing-made.v1', { number: 7 }],
      ['guanxi.thing-made.v2', { number: 7 }],
    ]);
    await bench.poll();
    expect(bench.logged).toMatchObject([{ position: '2', contract: 'thing-made.v1' }]);
    expect(JSON.stringify([events, bench.logged])).not.toContain('Jane');
    expect(bench.feed.figures().untold).toBe(1);
  });

  it('keeps topics that tell who a person is from those who may not read them, and who do not name them', async () => {
    bench = new Bench();
    await bench.write('thing-named.v1', { name: 'Jane Doe' });
    expect((await bench.poll()).events).toEqual([]);
    const { offer } = bench.feed;
    const named = { topics: ['guanxi.people'] };
    expect(() => offer.filterOf({ ...named, mayReadPersonal: false })).toThrow(
      'needs a key with the role privacy',
    );
    expect(offer.filterOf({ ...named, mayReadPersonal: true })).toMatchObject({
      isPersonal: true,
      storedTypes: ['thing-named.v1'],
    });
    expect(offer.filterOf({ mayReadPersonal: true }).isPersonal).toBe(false);
  });

  it('sends comments while nothing happens, with an id that moves past what is not wanted', async () => {
    bench = new Bench({ heartbeatMilliseconds: 20 });
    const reader = await bench.open('0');
    await reader.until(() => reader.comments.length > 0);
    expect([reader.lastId, reader.comments[0]]).toEqual(['0', 'heartbeat']);
    await bench.write('thing-secret.v1', {}, {}, {});
    await reader.until(() => reader.lastId === '3');
    expect(reader.events).toEqual([]);
  });

  it('follows the log once for all, and loses and doubles nothing where its memory is small', async () => {
    let subscriptions = 0;
    bench = new Bench(
      { tailBytes: 2_000, pageEvents: 7, mostCatchingUp: 2, gatherMilliseconds: 1 },
      {
        subscribe(options) {
          subscriptions += 1;
          return bench.store.subscribe(options);
        },
      },
    );
    await bench.write('thing-made.v2', ...numbered(50));
    const readers = await Promise.all(Array.from({ length: 10 }, () => bench.open()));
    await bench.write('thing-made.v2', ...numbered(300));
    for (const reader of readers) {
      await reader.until(() => reader.events.length >= 700);
      const expected = Array.from({ length: 350 }, (_, at) => [`${at + 1}.0`, `${at + 1}`]).flat();
      expect(reader.events.map(({ id }) => id)).toEqual(expected);
    }
    expect(subscriptions).toBe(1);
    expect(bench.feed.figures()).toMatchObject({
      open: 10,
      sent: 7_000,
      catchingUp: 0,
      queued: 0,
      lagPositions: 0,
    });
  });

  it('holds little for a reader that takes nothing, lets others by, and tells it all once it reads', async () => {
    bench = new Bench({ tailBytes: 50_000, restMilliseconds: 20, mostCatchingUp: 1 });
    const text = 'x'.repeat(20_000);
    await bench.write('thing-made.v2', ...numbered(600, text));
    const slow = await bench.open();
    slow.pause();
    const quick = await bench.open();
    await quick.until(() => quick.events.length === 1_200);
    const { sent, lagPositions, lagSeconds, catchingUp } = bench.feed.figures();
    expect([sent < 2_000, lagPositions > 0, lagSeconds >= 0, catchingUp]).toEqual([true, true, true, 0]);
    slow.resume();
    await slow.until(() => slow.events.length === 1_200);
    expect(slow.events.map(({ id }) => id)).toEqual(quick.events.map(({ id }) => id));
  });

  it('does not have readers wait for one that takes nothing, and forgets none that is slow', async () => {
    const never = { restMilliseconds: 3_600_000, stallMilliseconds: 3_600_000 };
    bench = new Bench({ ...never, tailBytes: 1_000, mostCatchingUp: 1, yieldMilliseconds: 1 });
    await bench.write('thing-made.v2', ...numbered(600, 'x'.repeat(20_000)));
    const stalled = await Promise.all(Array.from({ length: 5 }, () => bench.open()));
    for (const reader of stalled) reader.pause();
    const slow = await bench.open();
    const [one, two] = await Promise.all([bench.open(), bench.open()]);
    const isOver = slow.until(() => slow.events.length === 1_200);
    const steps = setInterval(() => (slow.answer.isPaused() ? slow.resume() : slow.pause()), 2);
    await Promise.all([one, two].map((quick) => quick.until(() => quick.events.length === 1_200)));
    await isOver;
    clearInterval(steps);
    expect(slow.events.map(({ id }) => id)).toEqual(one.events.map(({ id }) => id));
    expect(bench.feed.figures()).toMatchObject({ open: 8, cutOff: 0, queued: 0 });
  });

  it('reads a page once for all who come to it one after the other', async () => {
    let pages = 0;
    bench = new Bench(
      { tailBytes: 1_000, pageEvents: 10, mostCatchingUp: 1 },
      {
        async *readAll(options) {
          for await (const page of bench.store.readAll(options)) {
            pages += 1;
            yield page;
          }
        },
      },
    );
    await bench.write('thing-made.v2', ...numbered(105));
    const polls = Array.from({ length: 20 }, () => bench.poll(undefined, { limit: 1_000 }));
    const ids = Array.from({ length: 105 }, (_, at) => String(at + 1)).flatMap((id) => [id, id]);
    for (const { events, next } of await Promise.all(polls))
      expect([events.map(({ position }) => position), next]).toEqual([ids, '105']);
    // The last page is not full: it might have grown in between.
    expect(pages).toBeLessThanOrEqual(10 + 20);
    await bench.write('thing-made.v2', ...numbered(5));
    expect((await bench.poll('100', { limit: 1_000 })).events).toHaveLength(20);
  });

  it('cuts off who takes nothing for long', async () => {
    bench = new Bench({ restMilliseconds: 10, stallMilliseconds: 100 });
    await bench.write('thing-made.v2', ...numbered(600, 'x'.repeat(20_000)));
    const slow = await bench.open();
    slow.pause();
    const counted = async (): Promise<void> => {
      while (bench.feed.figures().cutOff === 0) await new Promise((resolve) => setImmediate(resolve));
    };
    await counted();
    slow.resume();
    await slow.ended;
    expect(slow.comments).toContain(
      'cut off: nothing was taken for 0 s; connect again with the last id to go on',
    );
    // Where the machine is busy a reader that is willing may be cut off as well, and comes again.
    let [told, lastId] = [slow.events.length, slow.lastId];
    while (lastId !== '600') {
      const again = await bench.open(lastId);
      await Promise.race([again.ended, again.until(() => again.lastId === '600').catch(() => undefined)]);
      told += again.events.length;
      lastId = again.lastId === '' ? lastId : again.lastId;
    }
    expect(told).toBe(1_200);
  });

  it('takes no more than so many, and tells who may not stay', async () => {
    bench = new Bench({ mostOpen: 1, accessMilliseconds: 20 });
    const reader = await bench.open();
    await expect(bench.open()).rejects.toThrow('400');
    await expect(bench.poll()).rejects.toMatchObject({ code: 'feed.too-many', kind: 'overloaded' });
    expect(bench.refusals).toMatchObject([{ code: 'feed.too-many' }]);
    bench.mayStay = false;
    await reader.ended;
    expect(reader.comments).toContain('this key may no longer read the feed');
    expect((await bench.poll()).next).toBe('0');
  });

  it('refuses places that the log has not reached, or cannot find', async () => {
    bench = new Bench();
    await bench.write('thing-made.v2', { number: 1 });
    await expect(bench.poll('2')).rejects.toMatchObject({
      code: 'feed.position-ahead',
      facts: { position: '2', head: '1' },
    });
    const places = new Bench(
      {},
      {
        readAll: () => {
          throw new Error('no record begins there');
        },
      },
      false,
    );
    await places.write('thing-made.v2', ...numbered(3));
    await expect(places.poll('2')).rejects.toMatchObject({ code: 'feed.position-unknown' });
    await places.stop();
  });

  it('waits for a store that is away, and follows it again', async () => {
    let isAway = true;
    bench = new Bench(
      {},
      {
        readAll(options) {
          if (isAway) throw unavailable('gone');
          return bench.store.readAll(options);
        },
        async *subscribe(options) {
          if (isAway) throw unavailable('gone');
          yield* bench.store.subscribe(options);
        },
      },
    );
    await bench.write('thing-made.v2', { number: 1 });
    const reader = await bench.open();
    await reader.until(() => reader.lastId === '0');
    isAway = false;
    await reader.until(() => reader.events.length === 2);
    await bench.write('thing-made.v2', { number: 2 });
    await reader.until(() => reader.events.length === 4);
    expect(bench.logged).not.toEqual([]);
  });

  it('ends with a word, and a reader that waits for lines gets none', async () => {
    bench = new Bench();
    const reader = await bench.open();
    const waiting = bench.poll(undefined, { wait: 60_000 });
    await bench.feed.stop();
    await reader.ended;
    expect(reader.comments).toEqual(['the server stops; connect again with the last id']);
    expect(await waiting).toEqual({ next: '0', events: [] });
    await expect(bench.poll()).rejects.toMatchObject({ code: 'server.stopping' });
  });
});
