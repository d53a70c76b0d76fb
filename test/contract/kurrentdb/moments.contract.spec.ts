import type { KurrentEventStore } from '@guanxi/event-store-kurrentdb';
import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { at, everything, someEvent, someMetadata, someStream } from '../event-store/kit';
import { TransactionLog } from '../../support/kurrentdb/log';
import type { Running } from './running';
import { endAll, running, storeOn } from './running';

afterEach(endAll);

const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const SECOND = 1_000;

/** A leader's clock that is set by the test, and moves on by `step` with each event. */
function clock(step = 0): { now: number; readonly read: () => number } {
  const own = {
    now: NOON,
    read: () => {
      own.now += step;
      return own.now;
    },
  };
  return own;
}

const write = (store: KurrentEventStore, stream = someStream(), events = 1) =>
  store.append(
    [{ stream, expected: 'any', events: Array.from({ length: events }, (_, n) => someEvent(n)) }],
    someMetadata(),
  );

const timesOf = (events: readonly RecordedEvent[]): readonly Instant[] =>
  events.map(({ recordedAt }) => recordedAt);

async function subscribed(store: KurrentEventStore, after = 0n): Promise<readonly RecordedEvent[]> {
  const stop = new AbortController();
  const events: RecordedEvent[] = [];
  for await (const message of store.subscribe({ after, pageSize: 3, signal: stop.signal })) {
    if (message.kind === 'live') stop.abort();
    else events.push(...message.events);
  }
  return events;
}

/** The last position whose running maximum is not later than `instant`, by reading everything. */
function expectedPosition(events: readonly RecordedEvent[], instant: Instant): bigint {
  let position = 0n;
  let highest = '';
  for (const { recordedAt, position: here } of events) {
    if (recordedAt > highest) highest = recordedAt;
    if (highest <= instant) position = here;
  }
  return position;
}

describe('when an event of KurrentDB was recorded', () => {
  it('is one moment for an append, although the leader stamps each event for itself', async () => {
    const time = clock(0.7);
    const { store } = await running({ log: new TransactionLog(time.read) });
    const [a, b] = [someStream(), someStream()];
    const appended = await store.append(
      [
        { stream: a, expected: 'new', events: [someEvent(1), someEvent(2)] },
        { stream: b, expected: 'new', events: [someEvent(3), someEvent(4), someEvent(5)] },
      ],
      someMetadata(),
    );
    const read = [
      ...(await everything(store)),
      ...(await store.readStream(a)),
      // Neither of these begins with the first event of the append.
      ...(await store.readStream(b)),
      ...(await store.readStream(b, { from: 2 })),
      ...(await store.readStreams([b], [someEvent(1).type])),
      ...(await subscribed(store)),
    ];
    expect(new Set(timesOf(read))).toEqual(new Set([appended.recordedAt]));
  });

  it('is told to the millisecond, by reads as by subscriptions', async () => {
    const time = clock();
    time.now = NOON + 123.4567;
    const { store } = await running({ log: new TransactionLog(time.read) });
    const stream = someStream();
    const { recordedAt } = await write(store, stream);
    expect(recordedAt).toBe('2026-03-01T12:00:00.123Z');
    expect(timesOf(await store.readStream(stream))).toEqual([recordedAt]);
    expect(timesOf(await subscribed(store))).toEqual([recordedAt]);
  });

  it('never goes back when the clock does, and is the same however the event is read', async () => {
    const time = clock();
    const { server, store } = await running({ log: new TransactionLog(time.read) });
    const stream = someStream();
    for (const shift of [0, 5, -30, -29, -60, 7, 6]) {
      time.now = NOON + shift * SECOND;
      await write(store, stream);
    }
    // Another process, which has seen nothing of this.
    time.now = NOON - 90 * SECOND;
    await write(storeOn(server.url()), stream);
    const noon = (seconds: number): string => new Date(NOON + seconds * SECOND).toISOString();
    const expected = [0, 5, 5, 5, 5, 7, 7, 7].map(noon);
    expect(timesOf(await everything(store))).toEqual(expected);
    expect(timesOf(await store.readStream(stream))).toEqual(expected);
    expect(timesOf(await subscribed(store))).toEqual(expected);
    const third = (await store.readStream(stream, { from: 2, limit: 1 }))[0];
    expect(third?.recordedAt).toBe(noon(5));
    // From the middle on, in a process that has read nothing before it.
    expect(timesOf(await everything(storeOn(server.url()), third?.position))).toEqual(expected.slice(3));
    expect(timesOf(await subscribed(storeOn(server.url()), third?.position))).toEqual(expected.slice(3));
  });

  it('is lifted for a reader of the log where two writers did not know of each other', async () => {
    const time = clock();
    const { server, store } = await running({ log: new TransactionLog(time.read) });
    const other = storeOn(server.url());
    await write(store);
    await write(other);
    time.now = NOON + 40 * SECOND;
    await write(store);
    time.now = NOON + 10 * SECOND;
    await write(other);
    const events = await everything(storeOn(server.url()));
    const times = timesOf(events);
    const between = at(new Date(NOON + 20 * SECOND).toISOString());
    expect(await storeOn(server.url()).positionAt(between)).toBe(events[1]?.position);
    expect(times).toEqual([...times].sort());
    expect(times.at(-1)).toBe(new Date(NOON + 40 * SECOND).toISOString());
  });
});

describe('the position of a moment on KurrentDB', () => {
  let time: ReturnType<typeof clock>;
  let on: Running;

  beforeEach(async () => {
    time = clock();
    on = await running({ log: new TransactionLog(time.read) });
  });

  async function writeSome(): Promise<void> {
    for (let n = 0; n < 60; n += 1) {
      // Back now and then, and a long way on now and then.
      time.now += n % 7 === 3 ? -20 * SECOND : n % 11 === 0 ? 500 * SECOND : SECOND;
      await write(on.store, undefined, 1 + (n % 3));
      if (n % 4 === 0) on.server.log.writeSystemEvent();
    }
  }

  it('is the last whose running maximum is not later, wherever it is asked from', async () => {
    await writeSome();
    const events = await everything(on.store);
    const moments = [...new Set(timesOf(events))];
    const asked = moments.flatMap((moment) => [moment, at(new Date(Date.parse(moment) - 1).toISOString())]);
    const cold = storeOn(on.server.url());
    const warm = storeOn(on.server.url());
    await everything(warm);
    for (const moment of asked) {
      const expected = expectedPosition(events, moment);
      expect(await cold.positionAt(moment)).toBe(expected);
      expect(await warm.positionAt(moment)).toBe(expected);
    }
    expect(await cold.positionAt(at('1999-01-01T00:00:00Z'))).toBe(0n);
    expect(await cold.positionAt(at('2199-01-01T00:00:00Z'))).toBe(events.at(-1)?.position);
  });

  it('moves on with what is written, as long as the moment is not over', async () => {
    const later = at('2199-01-01T00:00:00Z');
    expect(await on.store.positionAt(later)).toBe(0n);
    const { position } = await write(on.store);
    expect(await on.store.positionAt(later)).toBe(position);
    const { position: next } = await write(on.store);
    expect(await on.store.positionAt(later)).toBe(next);
  });

  it('of the past is looked for once, and near where somebody has read', async () => {
    await writeSome();
    const events = await everything(on.store);
    const reads = (): number => on.server.reads.filter((what) => what === 'all').length;
    const early = events[4]?.recordedAt ?? at('1999-01-01T00:00:00Z');
    const position = await on.store.positionAt(early);
    const before = reads();
    expect(await on.store.positionAt(early)).toBe(position);
    expect(reads()).toBe(before);
  });
});
