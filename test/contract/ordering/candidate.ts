import type { EventStore } from '@guanxi/event-store';
import { createPool } from '@guanxi/platform';
import type { Pool } from 'pg';

/** What the oracle asks of a store. */
export type OrderedStore = Pick<EventStore, 'append' | 'readAll' | 'subscribe' | 'close'>;

/** A store on PostgreSQL whose order is to be judged. */
export interface Candidate {
  readonly name: string;
  /** The table of its events, with columns position, stream, revision, id and recorded_at. */
  readonly table: string;
  /** Whether it promises positions 1, 2, 3 and so on. */
  readonly gapless: boolean;
  /** Makes its tables in an empty database. */
  prepare(url: string): Promise<void>;
  open(pool: Pool): OrderedStore;
}

/** A store with connections of its own; `close` ends both. */
export function openStore(candidate: Candidate, url: string, name: string, max: number): OrderedStore {
  const pool = createPool({ url, name, max });
  const store = candidate.open(pool);
  return {
    append: (writes, metadata) => store.append(writes, metadata),
    readAll: (options) => store.readAll(options),
    subscribe: (options) => store.subscribe(options),
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}
