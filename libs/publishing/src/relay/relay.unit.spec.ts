import { setImmediate as turn } from 'node:timers/promises';
import { MemoryEventStore } from '@guanxi/event-store';
import { asyncProperty, assert as holds, array, constantFrom, integer, record } from 'fast-check';
import type { RelayParts } from './relay';
import { Relay } from './relay';
import { FakePublisher } from './testing/fake-publisher';
import type { Trouble } from './testing/fake-publisher';
import { count, registry, streamOf, thingsBook } from './testing/things';

const log = { info: () => undefined, warn: () => undefined };
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Starts a relay; it is stopped after the test. */
function started(parts: Pick<RelayParts, 'store' | 'publisher'> & Partial<RelayParts>): {
  readonly relay: Relay;
  readonly ended: ReturnType<Relay['run']>;
  readonly stop: () => Promise<unknown>;
} {
  const relay = new Relay({
    ...{ registry, log, book: thingsBook(), backoffMilliseconds: 1, restMilliseconds: 20 },
    ...parts,
  });
  const stopping = new AbortController();
  const ended = relay.run(stopping.signal);
  const stop = (): Promise<unknown> => {
    stopping.abort();
    return ended;
  };
  stops.push(stop);
  return { relay, ended, stop };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never: ${condition.toString()}`);
    await turn();
  }
}

const toldOf = (publisher: FakePublisher, thing?: number): readonly number[] =>
  publisher.sent
    .filter(({ key }) => thing === undefined || key === streamOf(thing))
    .map(({ value }) => JSON.parse(value.toString()).count as number);

const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

it('publishes what there is and what comes, in position order, old versions as new ones', async () => {
  const store = new MemoryEventStore();
  await count(store, [{ thing: 1, count: 1, type: 'thing-counted.v1' }]);
  await count(store, [{ thing: 2, count: 2 }]);
  const publisher = new FakePublisher(() => undefined);
  started({ store, publisher });
  await until(() => publisher.sent.length === 2);
  await count(store, [{ thing: 1, count: 3, text: 'more' }]);
  await until(() => publisher.sent.length === 3);
  expect(toldOf(publisher)).toEqual([1, 2, 3]);
  expect(publisher.position).toBe(3n);
  expect(publisher.sent[2]?.headers['guanxi-position']).toBe('3');
  expect(publisher.sent[2]?.value.toString()).toBe('{"count":3,"text":"more"}');
});

it('catches up in few transactions, and puts what comes meanwhile in the next', async () => {
  const store = new MemoryEventStore();
  await count(
    store,
    numbers(1, 20_000).map((value) => ({ thing: value % 50, count: value })),
  );
  const publisher = new FakePublisher(() => undefined);
  started({ store, publisher });
  await until(() => publisher.sent.length === 20_000);
  expect(publisher.transactions.length).toBeLessThan(25);
  expect(Math.max(...publisher.transactions.map(({ messages }) => messages))).toBeLessThanOrEqual(5_000);
});

it('moves its position past what is not public with a transaction now and then', async () => {
  const store = new MemoryEventStore();
  const publisher = new FakePublisher(() => undefined);
  const { relay } = started({ store, publisher, restMilliseconds: 60_000 });
  for (let thing = 0; thing < 100; thing += 1)
    await count(store, [{ thing, count: 0, type: 'thing-hidden.v1' }]);
  await until(() => relay.status.position === 100n);
  expect(publisher.transactions).toEqual([]);
  await stops.pop()?.();
  expect(publisher.transactions).toEqual([{ messages: 0, change: { position: 100n, landmark: null } }]);
});

it('parks the key of an event that cannot be told; all else goes on, and what waited is sent in order', async () => {
  const store = new MemoryEventStore();
  let isMended = false;
  const book = thingsBook({ isTold: (value) => isMended || value !== 2 });
  const publisher = new FakePublisher(() => undefined);
  const { relay } = started({ store, publisher, book });
  await count(
    store,
    [1, 2, 3].map((value) => ({ thing: 1, count: value })),
  );
  await count(store, [{ thing: 2, count: 10 }]);
  await until(() => publisher.sent.length === 2);
  const parked = {
    position: 2n,
    type: 'thing-counted.v2',
    contract: 'thing-counted.v1',
    reason: 'TypeError',
  };
  expect(publisher.parked).toEqual(new Map([[streamOf(1), parked]]));
  await until(() => relay.status.position === 4n);

  relay.retry([streamOf(1), streamOf(2)]);
  await count(store, [{ thing: 2, count: 11 }]);
  await until(() => publisher.sent.length === 3);
  expect(relay.status.parked.size).toBe(1);

  isMended = true;
  relay.retry([streamOf(1)]);
  await until(() => publisher.parked.size === 0);
  await count(store, [{ thing: 1, count: 4 }]);
  await until(() => publisher.sent.length === 6);
  expect(toldOf(publisher, 1)).toEqual([1, 2, 3, 4]);
  const healing = publisher.transactions.find(
    ({ change }) => change.parked?.get(streamOf(1)) === undefined && change.parked,
  );
  expect(healing?.messages).toBe(2);
});

it('tries what is parked once more when it starts', async () => {
  const store = new MemoryEventStore();
  const publisher = new FakePublisher(() => undefined);
  const first = started({ store, publisher, book: thingsBook({ isTold: (value) => value > 1 }) });
  await count(
    store,
    [1, 2, 3].map((value) => ({ thing: 1, count: value })),
  );
  await until(() => publisher.parked.size === 1 && first.relay.status.position === 3n);
  await first.stop();
  started({ store, publisher });
  await until(() => publisher.sent.length === 3);
  expect(toldOf(publisher)).toEqual([1, 2, 3]);
});

it('parks what is larger than its topic takes, and what the broker finds too large although it should not be', async () => {
  const store = new MemoryEventStore();
  const publisher = new FakePublisher((step, messages) =>
    step === 'publish' && messages.some(({ value }) => value.includes('refused')) ? 'too-large' : undefined,
  );
  publisher.largest = 2_000;
  await count(store, [
    ...[
      { thing: 1, count: 1 },
      { thing: 2, count: 2, text: 'x'.repeat(3_000) },
    ],
    ...[
      { thing: 3, count: 3, text: 'refused' },
      { thing: 4, count: 4 },
      { thing: 3, count: 5 },
    ],
  ]);
  started({ store, publisher });
  await until(() => publisher.position === 5n);
  expect(toldOf(publisher)).toEqual([1, 4]);
  const reasons = [...publisher.parked].map(([stream, { reason }]) => [stream, reason]);
  expect(reasons).toEqual([
    [
      streamOf(2),
      expect.stringMatching(/^its message of about \d+ bytes is larger than topic guanxi[.]things takes/),
    ],
    [streamOf(3), 'the broker finds the message too large'],
  ]);
});

it('stops when another one has taken over, and writes nothing more', async () => {
  const store = new MemoryEventStore();
  const publisher = new FakePublisher(() => undefined);
  const { relay, ended } = started({ store, publisher });
  await count(store, [{ thing: 1, count: 1 }]);
  await until(() => publisher.sent.length === 1);
  publisher.fence();
  await count(store, [{ thing: 1, count: 2 }]);
  expect(await ended).toEqual({ kind: 'fenced', reason: 'another relay has taken over' });
  expect(relay.status.phase).toBe('fenced');
  expect(publisher.sent).toHaveLength(1);
  expect(publisher.closed).toBe(1);
});

it('ends where it was told to, at the rate it was told', async () => {
  const store = new MemoryEventStore();
  await count(
    store,
    numbers(1, 60).map((value) => ({ thing: value % 7, count: value })),
  );
  const publisher = new FakePublisher(() => undefined);
  const begun = performance.now();
  const { ended } = started({ store, publisher, upTo: 40n, rate: 200 });
  expect(await ended).toEqual({ kind: 'done' });
  expect(toldOf(publisher)).toHaveLength(40);
  expect(publisher.position).toBe(40n);
  // 40 at 200 a second, of which the last portion need not be waited for.
  expect(performance.now() - begun).toBeGreaterThan(80);
});

it('is refused by a log that is not the one that was published, however long that one grows', async () => {
  const before = new MemoryEventStore();
  await count(
    before,
    [1, 2, 3].map((value) => ({ thing: value, count: value })),
  );
  const publisher = new FakePublisher(() => undefined);
  const first = started({ store: before, publisher });
  await until(() => publisher.position === 3n);
  await first.stop();
  const restored = new MemoryEventStore();
  await count(restored, [{ thing: 1, count: 1 }]);
  const reason = expect.stringMatching(
    /^these brokers tell of another log than ours: event .* at position 3,/,
  );
  expect(await started({ store: restored, publisher }).ended).toEqual({ kind: 'refused', reason });
  await count(
    restored,
    numbers(4, 9).map((value) => ({ thing: value, count: value })),
  );
  expect(await started({ store: restored, publisher }).ended).toEqual({ kind: 'refused', reason });
  expect(toldOf(publisher)).toEqual([1, 2, 3]);
});

it('is refused where all it knows is that the log was longer', async () => {
  const store = new MemoryEventStore();
  await count(store, [{ thing: 1, count: 1 }]);
  const publisher = new FakePublisher(() => undefined);
  publisher.position = 2n;
  publisher.landmark = undefined;
  const { ended } = started({ store, publisher });
  expect(await ended).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('everything up to position 2 was published, and the log ends at 1'),
  });
});

it('does not take an unknown event for none when only the position moves on, and publishes nothing twice', async () => {
  const store = new MemoryEventStore();
  await count(store, [
    { thing: 1, count: 1 },
    { thing: 2, count: 2 },
  ]);
  const publisher = new FakePublisher(() => undefined);
  // As it was kept before events were named.
  publisher.position = 1n;
  publisher.landmark = undefined;
  const first = started({ store, publisher, select: () => undefined });
  await until(() => publisher.position === 2n);
  await first.stop();
  const restored = new MemoryEventStore();
  await count(restored, [{ thing: 1, count: 1 }]);
  expect(await started({ store: restored, publisher }).ended).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('everything up to position 2 was published, and the log ends at 1'),
  });
  expect(publisher.sent).toEqual([]);
});

it('looks once more at what lay behind the last public event, where the log has become shorter there', async () => {
  const store = new MemoryEventStore();
  await count(store, [{ thing: 1, count: 1 }]);
  const publisher = new FakePublisher(() => undefined);
  const first = started({ store, publisher });
  await until(() => publisher.position === 1n);
  await first.stop();
  // As it is after two events that are not public, which the database has lost.
  publisher.position = 3n;
  const { relay } = started({ store, publisher });
  await until(() => relay.status.phase === 'relaying');
  await count(store, [{ thing: 2, count: 2 }]);
  await until(() => publisher.sent.length === 2);
  expect(publisher.position).toBe(2n);
});

it('tries a key again by the settings that its topic has then', async () => {
  const store = new MemoryEventStore();
  await count(store, [{ thing: 1, count: 1, text: 'x'.repeat(3_000) }]);
  const publisher = new FakePublisher(() => undefined);
  publisher.largest = 2_000;
  const { relay } = started({ store, publisher });
  await until(() => relay.status.parked.size === 1);
  publisher.largest = 10_000;
  relay.retry([streamOf(1)]);
  await until(() => publisher.sent.length === 1);
  expect(publisher.parked.size).toBe(0);
});

it('says so when a topic is made after events were published', async () => {
  const store = new MemoryEventStore();
  await count(store, [{ thing: 1, count: 1 }]);
  const publisher = new FakePublisher(() => undefined);
  publisher.made = ['guanxi.things'];
  const warned: string[] = [];
  const listening = { ...log, warn: (line: string) => warned.push(line) };
  const first = started({ store, publisher, log: listening });
  await until(() => publisher.position === 1n);
  await first.stop();
  expect(warned).toEqual([]);
  const second = started({ store, publisher, log: listening });
  await until(() => second.relay.status.phase === 'relaying');
  expect(warned).toEqual([
    expect.stringMatching(/^topic guanxi[.]things was missing and is made: it begins behind position 1[.]/),
  ]);
});

it('tells what is wrong with topics once, however often it opens them', async () => {
  const store = new MemoryEventStore();
  await count(store, [{ thing: 1, count: 1 }]);
  let isAway = true;
  const publisher = new FakePublisher((step) => {
    if (step === 'open' || !isAway) return undefined;
    isAway = false;
    return 'away-before';
  });
  publisher.warnings = ['topic guanxi.things forgets'];
  const warned: string[] = [];
  const { relay } = started({ store, publisher, log: { ...log, warn: (line) => warned.push(line) } });
  await until(() => relay.status.position === 1n && publisher.opened === 2);
  expect(warned.filter((line) => line.endsWith('forgets'))).toHaveLength(1);
});

const troubles: readonly Trouble[] = [undefined, undefined, 'away-before', 'away-after', 'unknown-after'];

it('law: whatever fails, each message comes once and in the order of its key', () =>
  holds(
    asyncProperty(
      array(constantFrom(...troubles), { minLength: 1, maxLength: 60 }),
      array(record({ thing: integer({ min: 0, max: 4 }), bad: integer({ min: 0, max: 9 }) }), {
        maxLength: 80,
      }),
      integer({ min: 1, max: 9 }),
      async (fates, events, most) => {
        const store = new MemoryEventStore();
        let step = 0;
        let isCalm = false;
        let isMended = false;
        const fate = (): Trouble => (isCalm ? undefined : fates[step++ % fates.length]);
        const publisher = new FakePublisher(fate);
        const bad = new Set(events.flatMap((each, index) => (each.bad === 0 ? [index] : [])));
        const book = thingsBook({ isTold: (value) => isMended || !bad.has(value) });
        const limits = { messages: most, bytes: 100_000 };
        const parts = { store, publisher, book, limits };
        const first = started(parts);
        const half = Math.floor(events.length / 2);
        const counts = events.map(({ thing }, value) => ({ thing, count: value }));
        for (const one of counts.slice(0, half)) await count(store, [one]);
        first.relay.retry(numbers(0, 4).map(streamOf));
        for (let look = 0; look < fates.length; look += 1) await turn();
        // As a process that dies: nothing of it is asked any more.
        publisher.fence();
        await first.stop();
        const second = started(parts);
        for (const one of counts.slice(half)) await count(store, [one]);
        const head = BigInt(events.length);
        isCalm = true;
        await until(() => second.relay.status.position === head);
        isMended = true;
        second.relay.retry(publisher.parked.keys());
        await until(() => publisher.parked.size === 0);
        await second.stop();
        for (const thing of numbers(0, 4)) {
          const own = counts.filter((one) => one.thing === thing).map((one) => one.count);
          expect(toldOf(publisher, thing)).toEqual(own);
        }
      },
    ),
    { numRuns: 150 },
  ));
