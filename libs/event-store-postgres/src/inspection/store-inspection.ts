import type { Instant } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import type { Pool } from 'pg';
import type { StoreFault, Verified } from './faults';
import * as sql from './inspection.sql';
import type { InspectedEvent } from './page-faults';
import { faultsOf, textFault } from './page-faults';

/** The size of a store and what it is made of. */
export interface StoreStats {
  readonly events: number;
  readonly streams: number;
  readonly head: bigint;
  readonly bytes: {
    readonly total: number;
    readonly table: number;
    readonly indexes: number;
    readonly byIndex: readonly { readonly name: string; readonly bytes: number }[];
  };
  /** Absent in an empty store. */
  readonly firstRecordedAt?: Instant;
  readonly lastRecordedAt?: Instant;
  readonly biggestStreams: readonly { readonly stream: string; readonly events: number }[];
  readonly commonestTypes: readonly { readonly type: string; readonly events: number }[];
}

/** How to look through a store. */
export interface VerifyOptions {
  /** First position to look at, default 1. What lies below counts as right. */
  readonly from?: bigint;
  /** Ends the work early, between two pages. */
  readonly signal?: AbortSignal;
  /** Hears after each page how far it was looked, and where the log ends. */
  readonly onProgress?: (position: bigint, last: bigint) => void;
}

const LISTED = { streams: 10, types: 20 } as const;
const PAGE_SIZE = 1_000;
const FETCHED = 1_000;

interface Totals {
  readonly events: string;
  readonly streams: string;
  readonly head: string;
  readonly tableBytes: string;
  readonly indexBytes: string;
  readonly firstRecordedAt: Date | null;
  readonly lastRecordedAt: Date | null;
}

interface Ends {
  readonly head: string | null;
  readonly first: string | null;
  readonly last: string | null;
  readonly headIsEarlier: boolean | null;
}

/** Looks at a store from outside, beside whoever uses it; writes nothing. */
export class StoreInspection {
  /** @param pool connections to the database that holds schema `es` */
  constructor(private readonly pool: Pool) {}

  /** Whether this database holds a store. */
  async exists(): Promise<boolean> {
    const [row] = await this.rows<{ found: boolean }>(sql.STORE_EXISTS);
    return row?.found === true;
  }

  /** Sizes and counts; a pass over the whole store for each list. */
  async stats(): Promise<StoreStats> {
    const [totals] = await this.rows<Totals>(sql.TOTALS);
    const indexes = await this.rows<{ name: string; bytes: string }>(sql.INDEX_SIZES);
    const streams = await this.rows<{ stream: string; events: string }>(sql.BIGGEST_STREAMS, [
      LISTED.streams,
    ]);
    const types = await this.rows<{ type: string; events: string }>(sql.COMMONEST_TYPES, [LISTED.types]);
    const first = totals?.firstRecordedAt;
    const last = totals?.lastRecordedAt;
    const [table, indexed] = [Number(totals?.tableBytes ?? 0), Number(totals?.indexBytes ?? 0)];
    return {
      events: Number(totals?.events ?? 0),
      streams: Number(totals?.streams ?? 0),
      head: BigInt(totals?.head ?? 0),
      bytes: {
        ...{ total: table + indexed, table, indexes: indexed },
        byIndex: indexes.map(({ name, bytes }) => ({ name, bytes: Number(bytes) })),
      },
      ...(first ? { firstRecordedAt: instantOf(first) } : {}),
      ...(last ? { lastRecordedAt: instantOf(last) } : {}),
      biggestStreams: streams.map(({ stream, events }) => ({ stream, events: Number(events) })),
      commonestTypes: types.map(({ type, events }) => ({ type, events: Number(events) })),
    };
  }

  /**
   * Looks at every event up to the one that is last when it begins; tells faults in order of position, duplicate ids
   * behind them. Page by page, each in a transaction of its own: a long one would keep the database from tidying up
   * behind the appends.
   */
  async *verify({ from = 1n, signal, onProgress }: VerifyOptions = {}): AsyncGenerator<StoreFault, Verified> {
    let faults = 0;
    let events = 0;
    const [ends] = await this.rows<Ends>(sql.ENDS);
    const last = BigInt(ends?.last ?? 0);
    // Without a head row there is nothing that an event could lie above.
    const head = BigInt(ends?.head ?? last);
    for (const fault of headFaults(ends, head, last)) {
      faults += 1;
      yield fault;
    }
    const [before] = await this.rows<{ recordedAt: string }>(sql.BEFORE, [from]);
    let recordedAt = before?.recordedAt;
    let expected = from;
    while (expected <= last && signal?.aborted !== true) {
      const page = await this.rows<InspectedEvent>(sql.PAGE, [expected, last, PAGE_SIZE, recordedAt]);
      for (const event of page) {
        for (const fault of [...faultsOf(event, expected, head), ...(await this.textFaults(event))]) {
          faults += 1;
          yield fault;
        }
        expected = BigInt(event.position) + 1n;
        recordedAt = event.recordedAt;
      }
      events += page.length;
      if (page.length === 0) break;
      onProgress?.(expected - 1n, last);
    }
    if (signal?.aborted !== true) {
      for await (const fault of this.duplicates(from)) {
        faults += 1;
        yield fault;
      }
    }
    return { events, faults, from, to: expected - 1n };
  }

  private async textFaults({
    position,
    stream,
    data,
    metadata,
  }: InspectedEvent): Promise<readonly StoreFault[]> {
    const large = data === null || metadata === null;
    const [texts] = large
      ? await this.rows<{ data: string; metadata: string }>(sql.TEXTS, [position])
      : [{ data, metadata }];
    const checked = [
      { kind: 'data', detail: textFault(texts?.data ?? '') },
      { kind: 'metadata', detail: textFault(texts?.metadata ?? '') },
    ] as const;
    return checked.flatMap(({ kind, detail }) =>
      detail === undefined ? [] : [{ kind, position: BigInt(position), stream, detail }],
    );
  }

  private async *duplicates(from: bigint): AsyncGenerator<StoreFault> {
    const client = await this.pool.connect();
    try {
      await client.query('begin read only');
      await client.query(`declare duplicates no scroll cursor for ${sql.DUPLICATE_IDS}`, [from]);
      for (;;) {
        const { rows } = await client.query<{ id: string; positions: readonly string[] }>(
          `fetch ${FETCHED} from duplicates`,
        );
        if (rows.length === 0) break;
        for (const { id, positions } of rows) {
          const [first, ...others] = positions;
          const detail = `has the id ${id} of the event at ${first ?? ''}`;
          for (const position of others) yield { kind: 'duplicate-id', position: BigInt(position), detail };
        }
      }
      await client.query('commit');
    } finally {
      client.release(true);
    }
  }

  private async rows<R extends object>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    const { rows } = await this.pool.query<R>(text, [...values]);
    return rows;
  }
}

/** What the ends of the log tell: the head row beside the events. */
function headFaults(ends: Ends | undefined, head: bigint, last: bigint): readonly StoreFault[] {
  const fault = (detail: string): StoreFault => ({ kind: 'head', position: head, detail });
  const missing = head - last;
  return [
    ...((ends?.head ?? undefined) === undefined ? [fault('the head row is missing')] : []),
    ...(missing > 0n
      ? [fault(`${missing} events up to the head are missing: the last one is at ${last}`)]
      : []),
    ...(missing < 0n ? [fault(`the head lies below the last event, which is at ${last}`)] : []),
    ...(ends?.headIsEarlier === true ? [fault('the head is dated before the last event')] : []),
    ...(BigInt(ends?.first ?? 1) < 1n
      ? [{ kind: 'orphan' as const, position: BigInt(ends?.first ?? 1), detail: 'lies below position 1' }]
      : []),
  ];
}
