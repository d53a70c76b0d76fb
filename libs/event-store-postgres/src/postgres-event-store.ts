import type { EventMetadata, Instant, RecordedEvent } from '@guanxi/kernel';
import type {
  Appended,
  EventFilter,
  EventStore,
  Head,
  Page,
  ReadAllOptions,
  StreamWrite,
  SubscriptionMessage,
} from '@guanxi/event-store';
import { DEFAULT_PAGE_SIZE, Wakeup, checkWrites, follow, pages, unavailable } from '@guanxi/event-store';
import type { Pool } from 'pg';
import { AppendNotices } from './append-notices';
import { AppendPipeline } from './append-pipeline';
import { isLost, reasonOf } from './connection-loss';
import type { AppendObserver } from './observer';
import { HEAD, POSITION_AT, READ_STREAM, READ_STREAMS, readAllSql } from './queries.sql';
import { RecentEvents } from './recent-events';
import type { EventRow } from './rows';
import { AS_TEXT, toEvent } from './rows';
import { storeErrorOf } from './store-error';

const POLL_MILLISECONDS = 500;
const NO_END = 9223372036854775807n;

/** The event store on PostgreSQL; its schema is made by `eventStoreMigrations`. */
export class PostgresEventStore implements EventStore {
  private readonly wakeup = new Wakeup();
  private readonly closing = new AbortController();
  private readonly notices: AppendNotices;
  private readonly recent = new RecentEvents();
  private readonly pipeline: AppendPipeline;

  /**
   * @param pool connections to the database that holds schema `es`; the caller ends it after `close`
   * @param observer gets told of appends
   */
  constructor(
    private readonly pool: Pool,
    observer?: AppendObserver,
  ) {
    this.notices = new AppendNotices(pool, this.wakeup);
    this.pipeline = new AppendPipeline(pool, this.recent, observer);
  }

  async append(writes: readonly StreamWrite[], metadata: EventMetadata): Promise<Appended> {
    checkWrites(writes);
    const appended = await this.pipeline.append(writes, metadata);
    this.notices.announce();
    return appended;
  }

  async readStream(
    stream: string,
    { from = 0, limit }: { from?: number; limit?: number } = {},
  ): Promise<readonly RecordedEvent[]> {
    return this.events('es-read-stream', READ_STREAM, [stream, from, limit ?? null]);
  }

  async readStreams(streams: readonly string[], types: readonly string[]): Promise<readonly RecordedEvent[]> {
    return this.events('es-read-streams', READ_STREAMS, [streams, types]);
  }

  async *readAll(options: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]> {
    const { position: end } = await this.head();
    if (options.after >= end) return;
    for await (const page of pages((after) => this.readPage(after, options), options.after)) {
      if (page.events.length > 0) yield page.events;
      if (page.more === 'no' || page.position >= end) return;
    }
  }

  async *subscribe(options: ReadAllOptions & { signal: AbortSignal }): AsyncIterable<SubscriptionMessage> {
    await told(this.notices.listen());
    yield* follow(
      async (after) => {
        await told(this.notices.listen());
        return this.readPage(after, options);
      },
      {
        after: options.after,
        wakeup: this.wakeup,
        pollMilliseconds: POLL_MILLISECONDS,
        signal: AbortSignal.any([options.signal, this.closing.signal]),
      },
    );
  }

  async head(): Promise<Head> {
    const [row] = await this.rows<{ position: string }>(HEAD, []);
    return { position: BigInt(row?.position ?? 0) };
  }

  async positionAt(instant: Instant): Promise<bigint> {
    const [row] = await this.rows<{ position: string }>(POSITION_AT, [instant]);
    return BigInt(row?.position ?? 0);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.pipeline.drained();
    await this.notices.close();
  }

  private async readPage(after: bigint, options: ReadAllOptions): Promise<Page> {
    const { filter, pageSize = DEFAULT_PAGE_SIZE } = options;
    if (filter) return this.readFiltered(after, filter, pageSize);
    const recent = this.recent.behind(after, pageSize);
    // Others may have written behind what is kept here: only the database knows where the log ends.
    const last = recent.at(-1);
    if (last) return { events: recent, position: last.position, more: 'perhaps' };
    const events = await this.events('es-read-all', readAllSql(undefined).text, [after, NO_END, pageSize]);
    const full = events.length === pageSize;
    return { events, position: events.at(-1)?.position ?? after, more: full ? 'yes' : 'no' };
  }

  /** The head is read first: up to there was looked when fewer events pass than a page holds. */
  private async readFiltered(after: bigint, filter: EventFilter, pageSize: number): Promise<Page> {
    const { position: head } = await this.head();
    if (head <= after) return { events: [], position: after, more: 'no' };
    const { text, values } = readAllSql(filter);
    const events = await this.events(undefined, text, [after, head, pageSize, ...values]);
    const full = events.length === pageSize;
    return { events, position: full ? (events.at(-1)?.position ?? head) : head, more: full ? 'yes' : 'no' };
  }

  private async events(
    name: string | undefined,
    text: string,
    values: readonly unknown[],
  ): Promise<readonly RecordedEvent[]> {
    const { rows } = await told(
      this.pool.query<EventRow>({ name, text, values: [...values], rowMode: 'array', types: AS_TEXT }),
    );
    return rows.map(toEvent);
  }

  private async rows<R extends object>(text: string, values: readonly unknown[]): Promise<readonly R[]> {
    return (await told(this.pool.query<R>(text, [...values]))).rows;
  }
}

/** The answer of the database, or what its failure means to who asked. */
async function told<R>(answer: Promise<R>): Promise<R> {
  try {
    return await answer;
  } catch (error) {
    throw isLost(error) ? unavailable(reasonOf(error)) : storeErrorOf(error);
  }
}
