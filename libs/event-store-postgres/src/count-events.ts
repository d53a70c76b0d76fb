import type { Pool } from 'pg';
import { COUNT_EVENTS } from './queries.sql';

/** What of some streams is counted. */
export interface EventSpans {
  /** Each from a revision on. */
  readonly streams: readonly { readonly stream: string; readonly from: number }[];
  readonly types: readonly string[];
  /** As far as this position. */
  readonly upTo: bigint;
}

/** How many events some streams have, read from their index and not from what they say. */
export async function countEvents(pool: Pool, { streams, types, upTo }: EventSpans): Promise<number> {
  const { rows } = await pool.query<{ events: number }>(COUNT_EVENTS, [
    streams.map(({ stream }) => stream),
    streams.map(({ from }) => from),
    types,
    String(upTo),
  ]);
  return rows[0]?.events ?? 0;
}
