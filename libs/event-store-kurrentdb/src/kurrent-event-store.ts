import type { EventMetadata, Instant, RecordedEvent } from '@guanxi/kernel';
import type {
  Appended,
  EventStore,
  Head,
  ReadAllOptions,
  StreamWrite,
  SubscriptionMessage,
} from '@guanxi/event-store';
import { DEFAULT_PAGE_SIZE, unavailable } from '@guanxi/event-store';
import { Appender } from './appender';
import { Connection } from './connection';
import { failureOf, finalError, spoils, tooOld } from './failures';
import { expressionOf, passes } from './filters';
import { LogReader } from './log-reader';
import type { Found } from './record-codec';
import { serverVersion } from './read-call-codec';
import { RecordedTimes } from './recorded-times';
import { readSettings } from './settings';
import { subscribe } from './subscribing';

const STREAM_PAGE = 1_000;
const STREAMS_AT_ONCE = 8;
const HEAD_PAGES = [1, 64, 1_000];

/**
 * The event store on KurrentDB. Positions are commit positions: they rise, have gaps, and are meaningful to the server
 * alone, so that `after` must be 0 or a position that this store gave out. Events of the server and of other programs
 * are passed over, also by `head`.
 */
export class KurrentEventStore implements EventStore {
  private readonly closing = new AbortController();
  private readonly reader: LogReader;
  private readonly times: RecordedTimes;
  private readonly appender: Appender;
  private readonly underway = new Set<Promise<Appended>>();
  private checked: Promise<void> | undefined;

  constructor(private readonly connection: Connection) {
    this.reader = new LogReader(connection);
    this.times = new RecordedTimes(this.reader);
    this.appender = new Appender(connection, this.reader, this.times);
  }

  /**
   * Makes sure that the server can be reached, lets us in, and is new enough.
   * @throws DomainError `event-store.server-version`, `.access-denied`, `.unavailable`
   */
  async check(): Promise<void> {
    const version = await this.version();
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (!(major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor))) {
      throw tooOld(version, `${OLDEST.major}.${OLDEST.minor}`);
    }
    const { position } = await this.head();
    if (position > 0n) await this.times.inOrder(position);
  }

  /**
   * @throws WrongExpectedRevision, DomainError `event-store.*`: beside those of the port `several-streams-unsupported`
   * before KurrentDB 25.1, `access-denied`, `stream-deleted`, `server-version`
   */
  append(writes: readonly StreamWrite[], metadata: EventMetadata): Promise<Appended> {
    if (this.closing.signal.aborted) return Promise.reject(unavailable('the store is closed'));
    const appended = this.ready().then(() => this.appender.append(writes, metadata));
    this.underway.add(appended);
    return appended.finally(() => this.underway.delete(appended));
  }

  async readStream(
    stream: string,
    { from = 0, limit = Number.MAX_SAFE_INTEGER }: { from?: number; limit?: number } = {},
  ): Promise<readonly RecordedEvent[]> {
    const found: Found[] = [];
    while (found.length < limit) {
      const size = Math.min(STREAM_PAGE, limit - found.length);
      const page = await this.reader.page(stream, { from: from + found.length, limit: size });
      found.push(...page);
      if (page.length < size) break;
    }
    return this.times.stamp(found.flatMap(({ record }) => record ?? []));
  }

  async readStreams(streams: readonly string[], types: readonly string[]): Promise<readonly RecordedEvent[]> {
    const wanted = new Set(types);
    const events: RecordedEvent[] = [];
    for (let from = 0; from < streams.length; from += STREAMS_AT_ONCE) {
      const some = streams.slice(from, from + STREAMS_AT_ONCE);
      const read = await Promise.all(some.map((stream) => this.readStream(stream)));
      events.push(...read.flat().filter(({ type }) => wanted.has(type)));
    }
    return events.sort((a, b) => (a.position < b.position ? -1 : 1));
  }

  async *readAll({
    after,
    filter,
    pageSize = DEFAULT_PAGE_SIZE,
  }: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]> {
    const { position: end } = await this.head();
    if (after >= end) return;
    const stamp = await this.times.inOrder(after);
    let behind = after;
    while (behind < end) {
      // What is read from a position on begins with the event that lies there.
      const limit = pageSize + (behind === 0n ? 0 : 1);
      const page = await this.reader.log({
        ...(behind > 0n && { from: behind }),
        limit,
        filter: expressionOf(filter ?? {}),
      });
      const unseen = page.filter(({ position }) => position > behind && position <= end);
      const events = await stamp(
        unseen.flatMap(({ record }) => (record && passes(record, filter) ? record : [])),
      );
      behind = unseen.at(-1)?.position ?? end;
      if (events.length > 0) yield events;
      if (page.length < limit) return;
    }
  }

  subscribe(options: ReadAllOptions & { signal: AbortSignal }): AsyncIterable<SubscriptionMessage> {
    const signal = AbortSignal.any([options.signal, this.closing.signal]);
    return subscribe(this.connection, this.times, { pageSize: DEFAULT_PAGE_SIZE, ...options, signal });
  }

  /** Where the last event of this store lies; what the server or others wrote behind it does not count. */
  async head(): Promise<Head> {
    let from: bigint | undefined;
    for (let page = 0; ; page += 1) {
      const limit = HEAD_PAGES[page] ?? DEFAULT_PAGE_SIZE;
      const found = await this.reader.log({ ...(from !== undefined && { from }), backwards: true, limit });
      const own = found.find(({ record }) => record !== undefined);
      if (own) return { position: own.position };
      if (found.length < limit) return { position: 0n };
      from = found.at(-1)?.position;
    }
  }

  positionAt(instant: Instant): Promise<bigint> {
    return this.times.positionAt(instant);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled(this.underway);
    await this.connection.close();
  }

  /** Once, before the first append: with it comes the moment before which nothing more is recorded. */
  private async ready(): Promise<void> {
    this.checked ??= this.check();
    try {
      await this.checked;
    } catch (error) {
      this.checked = undefined;
      throw error;
    }
  }

  private async version(): Promise<string> {
    const { client } = this.connection;
    try {
      return await this.connection.call(serverVersion);
    } catch (error) {
      const failure = failureOf(error);
      if (spoils(failure)) this.connection.renew(client);
      throw failure.kind === 'conflict' ? error : finalError(failure);
    }
  }
}

/** The first that says when a subscription has caught up. */
const OLDEST = { major: 23, minor: 10 };

/**
 * Opens the store that a connection string names; the first call connects.
 * @param connectionString `kurrentdb://[name:password@]host[:port][,host…][?tls=…&tlsCAFile=…&defaultDeadline=…]`
 * @throws DomainError `event-store.connection-string`
 */
export const openKurrent = (connectionString: string): KurrentEventStore =>
  new KurrentEventStore(new Connection(readSettings(connectionString)));
