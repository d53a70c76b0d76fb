import type { Appended, ReadAllOptions, StreamWrite, SubscriptionMessage } from '@guanxi/event-store';
import { DEFAULT_PAGE_SIZE, Wakeup, WrongExpectedRevision, deserialise, follow } from '@guanxi/event-store';
import type { EventMetadata, RecordedEvent } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import type { Pool, PoolClient } from 'pg';
import { Client } from 'pg';
import type { Candidate, OrderedStore } from '../candidate';

/** In what a wrong store differs from the others. */
export interface Design {
  readonly name: string;
  readonly table: string;
  /** The column `position` with its default, and what it is made of. */
  readonly positionColumns: string;
  /** Further constraints of the table. */
  readonly constraints: string;
  /** What readers may see, as a condition; empty for everything that is committed. */
  readonly horizon: string;
  /** Whether the expected revision is looked up before the transaction begins, and never again. */
  readonly checksOutside: boolean;
}

interface Row {
  position: string;
  stream: string;
  revision: number;
  id: string;
  type: string;
  occurred_at: Date;
  recorded_at: Date;
  data: string;
  metadata: string;
}

const POLL_MILLISECONDS = 20;
const UNIQUE_VIOLATION = '23505';

/** A store as it is often written: a table, a transaction an append, an insert an event. */
class NaiveStore implements OrderedStore {
  private readonly closing = new AbortController();

  constructor(
    private readonly pool: Pool,
    private readonly design: Design,
  ) {}

  async append(writes: readonly StreamWrite[], metadata: EventMetadata): Promise<Appended> {
    const client = await this.pool.connect();
    try {
      const found = this.design.checksOutside ? await this.checkedRevisions(client, writes) : undefined;
      await client.query('begin');
      const appended = await this.insert(client, writes, metadata, found);
      await client.query('commit');
      return appended;
    } catch (error) {
      await client.query('rollback');
      const [write] = writes;
      if ((error as { code?: string }).code !== UNIQUE_VIOLATION || !write) throw error;
      throw new WrongExpectedRevision(write.stream, write.expected, -1);
    } finally {
      client.release();
    }
  }

  async *readAll(options: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]> {
    const pageSize = options.pageSize ?? DEFAULT_PAGE_SIZE;
    let after = options.after;
    for (;;) {
      const events = await this.readPage(after, pageSize);
      const last = events.at(-1);
      if (!last) return;
      after = last.position;
      yield events;
    }
  }

  subscribe(options: ReadAllOptions & { signal: AbortSignal }): AsyncIterable<SubscriptionMessage> {
    const pageSize = options.pageSize ?? DEFAULT_PAGE_SIZE;
    return follow(
      async (after) => {
        const events = await this.readPage(after, pageSize);
        const more = events.length === pageSize ? 'yes' : 'no';
        return { events, position: events.at(-1)?.position ?? after, more };
      },
      {
        after: options.after,
        wakeup: new Wakeup(),
        pollMilliseconds: POLL_MILLISECONDS,
        signal: AbortSignal.any([options.signal, this.closing.signal]),
      },
    );
  }

  async close(): Promise<void> {
    this.closing.abort();
  }

  private async insert(
    client: PoolClient,
    writes: readonly StreamWrite[],
    metadata: EventMetadata,
    found: readonly number[] | undefined,
  ): Promise<Appended> {
    const streams = [];
    let last: Pick<Row, 'position' | 'recorded_at'> | undefined;
    for (const [index, write] of writes.entries()) {
      let revision = found?.[index] ?? (await this.checkedRevision(client, write));
      for (const { id, type, occurredAt, data } of write.events) {
        revision += 1;
        const { rows } = await client.query<Row>(
          `insert into ${this.design.table} (stream, revision, id, type, occurred_at, data, metadata)
           values ($1, $2, $3, $4, $5, $6, $7) returning position, recorded_at`,
          [write.stream, revision, id, type, occurredAt, JSON.stringify(data), JSON.stringify(metadata)],
        );
        last = rows[0];
      }
      streams.push({ stream: write.stream, revision });
    }
    if (!last) throw new Error('nothing was written');
    return {
      position: BigInt(last.position),
      recordedAt: instantOf(last.recorded_at),
      streams,
      repeated: false,
    };
  }

  private async checkedRevisions(client: PoolClient, writes: readonly StreamWrite[]): Promise<number[]> {
    const found: number[] = [];
    for (const write of writes) found.push(await this.checkedRevision(client, write));
    return found;
  }

  /** Where the stream ends. @throws WrongExpectedRevision */
  private async checkedRevision(client: PoolClient, { stream, expected }: StreamWrite): Promise<number> {
    const { rows } = await client.query<{ revision: number }>(
      `select coalesce(max(revision), -1) as revision from ${this.design.table} where stream = $1`,
      [stream],
    );
    const actual = rows[0]?.revision ?? -1;
    const wanted = expected === 'new' ? -1 : expected;
    const met = wanted === 'any' || (wanted === 'exists' ? actual >= 0 : wanted === actual);
    if (!met) throw new WrongExpectedRevision(stream, expected, actual);
    return actual;
  }

  private async readPage(after: bigint, pageSize: number): Promise<readonly RecordedEvent[]> {
    const { table, horizon } = this.design;
    const { rows } = await this.pool.query<Row>(
      `select * from ${table} where position > $1 ${horizon} order by position limit $2`,
      [after.toString(), pageSize],
    );
    return rows.map((row) => ({
      id: row.id,
      type: row.type,
      stream: row.stream,
      revision: row.revision,
      position: BigInt(row.position),
      occurredAt: instantOf(row.occurred_at),
      recordedAt: instantOf(row.recorded_at),
      data: deserialise(row.data),
      metadata: JSON.parse(row.metadata) as EventMetadata,
    }));
  }
}

/** A wrong store, ready to be judged. */
export function naive(design: Design): Candidate {
  return {
    name: design.name,
    table: design.table,
    gapless: false,
    prepare: async (url) => {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        await client.query(`
          create sequence numbers;
          create table ${design.table} (
            ${design.positionColumns},
            stream text not null, revision integer not null, id uuid not null, type text not null,
            occurred_at timestamptz not null,
            recorded_at timestamptz not null default date_trunc('milliseconds', now()),
            data text not null, metadata text not null ${design.constraints}
          );
          create index on ${design.table} (stream, revision)`);
      } finally {
        await client.end();
      }
    },
    open: (pool) => new NaiveStore(pool, design),
  };
}
