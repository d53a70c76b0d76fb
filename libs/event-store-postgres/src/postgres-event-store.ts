import type { EventMetadata, Instant } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import type { RecordedEvent } from '@guanxi/kernel';
import type {
  Appended,
  EventFilter,
  EventStore,
  ExpectedRevision,
  Head,
  Page,
  ReadAllOptions,
  StreamWrite,
  SubscriptionMessage,
} from '@guanxi/event-store';
import { DEFAULT_PAGE_SIZE, Wakeup, WrongExpectedRevision, checkWrites, follow, serialise } from '@guanxi/event-store';
import type { Pool } from 'pg';
import { AppendNotices } from './append-notices';
import type { EventRow } from './rows';
import { EVENT_COLUMNS, toEvent } from './rows';

const POLL_MILLISECONDS = 500;

interface AppendRow {
  readonly conflict: string | null;
  readonly actual: number | null;
  readonly position: string | null;
  readonly recorded_at: Date | null;
  readonly revisions: readonly number[] | null;
}

/** The event store on PostgreSQL; its schema is made by `EventStoreSchema1763800000000`. */
export class PostgresEventStore implements EventStore {
  private readonly wakeup = new Wakeup();
  private readonly closing = new AbortController();
  private readonly notices: AppendNotices;

  /** @param pool connections to the database that holds schema `es`; the caller ends it after `close` */
  constructor(private readonly pool: Pool) {
    this.notices = new AppendNotices(pool, this.wakeup);
  }

  async append(writes: readonly StreamWrite[], metadata: EventMetadata): Promise<Appended> {
    checkWrites(writes);
    const { rows } = await this.pool.query<AppendRow>({
      name: 'es-append',
      text: 'select (r).* from (select es.append($1, $2, $3) as r offset 0) as once',
      values: [writesOf(writes), eventsOf(writes), serialise('metadata', metadata)],
    });
    const [result] = rows;
    if (!result) throw new Error('es.append returned no row');
    if (result.conflict !== null) throw lostRace(writes, result.conflict, result.actual ?? -1);
    const { position, recorded_at: recordedAt, revisions } = result;
    if (position === null || recordedAt === null) throw new Error('es.append returned no position');
    this.notices.announce();
    return {
      position: BigInt(position),
      recordedAt: instantOf(recordedAt),
      streams: writes.map(({ stream }, index) => ({ stream, revision: revisions?.[index] ?? -1 })),
    };
  }

  async readStream(
    stream: string,
    { from = 0, limit }: { from?: number; limit?: number } = {},
  ): Promise<readonly RecordedEvent[]> {
    const { rows } = await this.pool.query<EventRow[]>({
      name: 'es-read-stream',
      text: `select ${EVENT_COLUMNS} from es.events where stream = $1 and revision >= $2 order by revision limit $3`,
      values: [stream, from, limit ?? null],
      rowMode: 'array',
    });
    return (rows as unknown as EventRow[]).map(toEvent);
  }

  async *readAll(options: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]> {
    const { position: end } = await this.head();
    let after = options.after;
    while (after < end) {
      const page = await this.readPage(after, options);
      after = page.position;
      if (page.events.length > 0) yield page.events;
      if (page.atHead) return;
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
    const { rows } = await this.pool.query<{ position: string }>('select es.position_at($1) as position', [instant]);
    return BigInt(rows[0]?.position ?? 0);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.notices.close();
  }

  private async readPage(after: bigint, { filter, pageSize = DEFAULT_PAGE_SIZE }: ReadAllOptions): Promise<Page> {
    const { clause, values } = filterSql(filter);
    const { rows } = await this.pool.query<EventRow[]>({
      name: filter ? undefined : 'es-read-all',
      text: `select ${EVENT_COLUMNS} from es.events where position > $1 ${clause} order by position limit $2`,
      values: [after.toString(), pageSize, ...values],
      rowMode: 'array',
    });
    const events = (rows as unknown as EventRow[]).map(toEvent);
    const full = events.length === pageSize;
    return { events, position: events.at(-1)?.position ?? after, atHead: !full };
  }
}

function filterSql(filter: EventFilter | undefined): { clause: string; values: unknown[] } {
  const values: unknown[] = [];
  let clause = '';
  if (filter?.types) clause += ` and type = any($${values.push(filter.types) + 2})`;
  if (filter?.categories) clause += ` and split_part(stream, '-', 1) = any($${values.push(filter.categories) + 2})`;
  return { clause, values };
}

function writesOf(writes: readonly StreamWrite[]): string {
  return JSON.stringify(writes.map(({ stream, expected }) => ({ stream, expected: expectedCode(expected) })));
}

function eventsOf(writes: readonly StreamWrite[]): string {
  return JSON.stringify(
    writes.flatMap(({ events }, w) =>
      events.map(({ id, type, occurredAt, data }) => ({ w, id, type, at: occurredAt, data: serialise(type, data) })),
    ),
  );
}

function expectedCode(expected: ExpectedRevision): number {
  switch (expected) {
    case 'new':
      return -1;
    case 'exists':
      return -2;
    case 'any':
      return -3;
    default:
      return expected;
  }
}

function lostRace(writes: readonly StreamWrite[], stream: string, actual: number): WrongExpectedRevision {
  const expected = writes.find((write) => write.stream === stream)?.expected ?? 'any';
  return new WrongExpectedRevision(stream, expected, actual);
}
