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
import { DEFAULT_PAGE_SIZE, Wakeup, checkWrites, follow } from '@guanxi/event-store';
import type { Pool } from 'pg';
import { AppendNotices } from './append-notices';
import { AppendPipeline } from './append-pipeline';
import { RecentEvents } from './recent-events';
import type { EventRow } from './rows';
import { EVENT_COLUMNS, toEvent } from './rows';

const POLL_MILLISECONDS = 500;

/** The event store on PostgreSQL; its schema is made by `eventStoreMigrations`. */
export class PostgresEventStore implements EventStore {
  private readonly wakeup = new Wakeup();
  private readonly closing = new AbortController();
  private readonly notices: AppendNotices;
  private readonly recent = new RecentEvents();
  private readonly pipeline: AppendPipeline;

  /** @param pool connections to the database that holds schema `es`; the caller ends it after `close` */
  constructor(private readonly pool: Pool) {
    this.notices = new AppendNotices(pool, this.wakeup);
    this.pipeline = new AppendPipeline(pool, this.recent);
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
    const { rows } = await this.pool.query<EventRow>({
      name: 'es-read-stream',
      text: `select ${EVENT_COLUMNS} from es.events where stream = $1 and revision >= $2 order by revision limit $3`,
      values: [stream, from, limit ?? null],
      rowMode: 'array',
    });
    return rows.map(toEvent);
  }

  async readStreams(streams: readonly string[], types: readonly string[]): Promise<readonly RecordedEvent[]> {
    const { rows } = await this.pool.query<EventRow>({
      name: 'es-read-streams',
      text: `select ${EVENT_COLUMNS} from es.events
              where stream = any($1) and type = any($2) order by position`,
      values: [streams, types],
      rowMode: 'array',
    });
    return rows.map(toEvent);
  }

  async *readAll(options: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]> {
    const { position: end } = await this.head();
    let after = options.after;
    while (after < end) {
      const page = await this.readPage(after, options);
      after = page.position;
      if (page.events.length > 0) yield page.events;
      if (page.more === 'no') return;
    }
  }

  async *subscribe(options: ReadAllOptions & { signal: AbortSignal }): AsyncIterable<SubscriptionMessage> {
    await this.notices.listen();
    yield* follow(
      async (after) => {
        await this.notices.listen();
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
    const { rows } = await this.pool.query<{ position: string }>('select position from es.head');
    return { position: BigInt(rows[0]?.position ?? 0) };
  }

  async positionAt(instant: Instant): Promise<bigint> {
    const { rows } = await this.pool.query<{ position: string }>('select es.position_at($1) as position', [
      instant,
    ]);
    return BigInt(rows[0]?.position ?? 0);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.pipeline.drained();
    await this.notices.close();
  }

  private async readPage(
    after: bigint,
    { filter, pageSize = DEFAULT_PAGE_SIZE }: ReadAllOptions,
  ): Promise<Page> {
    if (!filter) {
      const events = this.recent.behind(after, pageSize);
      // Others may have written behind what is kept here: only the database knows where the log ends.
      const last = events.at(-1);
      if (last) return { events, position: last.position, more: 'perhaps' };
    }
    const { clause, values } = filterSql(filter);
    const { rows } = await this.pool.query<EventRow>({
      name: filter ? undefined : 'es-read-all',
      text: `select ${EVENT_COLUMNS} from es.events where position > $1 ${clause} order by position limit $2`,
      values: [after.toString(), pageSize, ...values],
      rowMode: 'array',
    });
    const events = rows.map(toEvent);
    const full = events.length === pageSize;
    return { events, position: events.at(-1)?.position ?? after, more: full ? 'yes' : 'no' };
  }
}

function filterSql(filter: EventFilter | undefined): { clause: string; values: unknown[] } {
  const values: unknown[] = [];
  let clause = '';
  if (filter?.types) clause += ` and type = any($${values.push(filter.types) + 2})`;
  if (filter?.categories)
    clause += ` and split_part(stream, '-', 1) = any($${values.push(filter.categories) + 2})`;
  return { clause, values };
}
