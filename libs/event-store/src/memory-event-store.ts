import type { EventMetadata, Instant, RecordedEvent } from '@guanxi/kernel';
import { categoryOf, instantOf } from '@guanxi/kernel';
import { WrongExpectedRevision } from './errors';
import { isAsExpected, isRepeatable } from './expected-revision';
import { checkWrites, deserialise, serialiseAll } from './limits';
import type {
  Appended,
  EventFilter,
  EventStore,
  Head,
  NewEvent,
  ReadAllOptions,
  StreamWrite,
  SubscriptionMessage,
} from './port';
import { DEFAULT_PAGE_SIZE } from './port';
import type { Page } from './subscription';
import { follow } from './subscription';
import { Wakeup } from './wakeup';

/** The port's promises in their shortest form: a reference for the contract kit and a store for unit tests. */
export class MemoryEventStore implements EventStore {
  private readonly log: RecordedEvent[] = [];
  private readonly streams = new Map<string, RecordedEvent[]>();
  private readonly wakeup = new Wakeup();
  private readonly closing = new AbortController();

  /** @param clock milliseconds since 1970, asked once an append */
  constructor(private readonly clock: () => number = Date.now) {}

  async append(writes: readonly StreamWrite[], metadata: EventMetadata): Promise<Appended> {
    checkWrites(writes);
    const { texts } = serialiseAll(writes);
    const lost = writes.find(({ stream, expected }) => !isAsExpected(expected, this.revisionOf(stream)));
    if (lost) {
      const earlier = this.repeated(writes);
      if (earlier) return earlier;
      throw new WrongExpectedRevision(lost.stream, lost.expected, this.revisionOf(lost.stream));
    }
    const recordedAt = this.now();
    let next = 0;
    for (const { stream, events } of writes) {
      for (const event of events) this.store(stream, event, texts[next++] ?? '', recordedAt, metadata);
    }
    this.wakeup.signal();
    return Promise.resolve({
      position: BigInt(this.log.length),
      recordedAt,
      streams: writes.map(({ stream }) => ({ stream, revision: this.revisionOf(stream) })),
      repeated: false,
    });
  }

  readStream(
    stream: string,
    { from = 0, limit }: { from?: number; limit?: number } = {},
  ): Promise<readonly RecordedEvent[]> {
    const events = this.streams.get(stream) ?? [];
    return Promise.resolve(events.slice(from, limit === undefined ? undefined : from + limit));
  }

  readStreams(streams: readonly string[], types: readonly string[]): Promise<readonly RecordedEvent[]> {
    const events = streams.flatMap((stream) => this.streams.get(stream) ?? []);
    return Promise.resolve(
      events.filter(({ type }) => types.includes(type)).sort((a, b) => (a.position < b.position ? -1 : 1)),
    );
  }

  async *readAll(options: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]> {
    const end = this.log.length;
    let after = options.after;
    while (after < end) {
      const page = await this.readPage(after, options);
      after = page.position;
      if (page.events.length > 0) yield page.events;
    }
  }

  subscribe(options: ReadAllOptions & { signal: AbortSignal }): AsyncIterable<SubscriptionMessage> {
    return follow((after) => this.readPage(after, options), {
      after: options.after,
      wakeup: this.wakeup,
      pollMilliseconds: 1_000,
      signal: AbortSignal.any([options.signal, this.closing.signal]),
    });
  }

  head(): Promise<Head> {
    return Promise.resolve({ position: BigInt(this.log.length) });
  }

  positionAt(instant: Instant): Promise<bigint> {
    const last = this.log.findLast((event) => event.recordedAt <= instant);
    return Promise.resolve(last?.position ?? 0n);
  }

  close(): Promise<void> {
    this.closing.abort();
    return Promise.resolve();
  }

  private now(): Instant {
    const now = instantOf(new Date(this.clock()));
    const last = this.log.at(-1)?.recordedAt;
    return last !== undefined && last > now ? last : now;
  }

  private revisionOf(stream: string): number {
    return (this.streams.get(stream)?.length ?? 0) - 1;
  }

  /** The outcome of an append whose events are in place already; undefined when they are not. */
  private repeated(writes: readonly StreamWrite[]): Appended | undefined {
    const streams: { stream: string; revision: number }[] = [];
    let last: RecordedEvent | undefined;
    if (!isRepeatable(writes)) return undefined;
    for (const { stream, expected, events } of writes) {
      const from = typeof expected === 'number' ? expected + 1 : 0;
      const stored = (this.streams.get(stream) ?? []).slice(from, from + events.length);
      if (!events.every(({ id }, index) => stored[index]?.id === id)) return undefined;
      const end = stored.at(-1);
      if (end && (!last || end.position > last.position)) last = end;
      streams.push({ stream, revision: from + events.length - 1 });
    }
    return last && { position: last.position, recordedAt: last.recordedAt, streams, repeated: true };
  }

  private store(
    stream: string,
    { id, type, occurredAt }: NewEvent,
    text: string,
    recordedAt: Instant,
    metadata: EventMetadata,
  ): void {
    const events = this.streams.get(stream) ?? [];
    this.streams.set(stream, events);
    const recorded: RecordedEvent = {
      id,
      type,
      stream,
      revision: events.length,
      position: BigInt(this.log.length + 1),
      occurredAt,
      recordedAt,
      data: deserialise(text),
      metadata,
    };
    events.push(recorded);
    this.log.push(recorded);
  }

  private readPage(after: bigint, { filter, pageSize = DEFAULT_PAGE_SIZE }: ReadAllOptions): Promise<Page> {
    const from = Number(after);
    const looked = this.log.slice(from, from + pageSize);
    const position = BigInt(from + looked.length);
    return Promise.resolve({
      events: looked.filter((event) => passes(event, filter)),
      position,
      more: position >= BigInt(this.log.length) ? 'no' : 'yes',
    });
  }
}

function passes(event: RecordedEvent, filter: EventFilter | undefined): boolean {
  const { types, categories, prefixes } = filter ?? {};
  if (types && !types.includes(event.type)) return false;
  if (categories && !categories.includes(categoryOf(event.stream))) return false;
  return !prefixes || prefixes.some((prefix) => event.stream.startsWith(prefix));
}
