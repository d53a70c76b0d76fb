import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from '../product.mjs';

const require = createRequire(import.meta.url);

/** A library of the product as it was built. */
export const built = (name) => require(join(ROOT, 'dist/libs', name, 'src/index.js'));

/**
 * What is measured. Each gets a database of its own on the same server, and appends one event at a time: `revision` is
 * that of the stream's last event, -1 for a stream that must be new.
 */
export const CANDIDATES = {
  /** Our store with the product's own pool. */
  async ours(url) {
    const { PostgresEventStore } = built('event-store-postgres');
    const pool = built('platform').createPool({ url, name: 'bench' });
    const store = new PostgresEventStore(pool);
    return {
      async append(stream, revision, { metadata, ...event }) {
        await store.append(
          [{ stream, expected: revision < 0 ? 'new' : revision, events: [event] }],
          metadata,
        );
      },
      async close() {
        await store.close();
        await pool.end();
      },
    };
  },

  /** Emmett's store as it is by default. */
  async emmett(url) {
    const { openEmmett } = await import('../baselines/emmett.mjs');
    const store = await openEmmett(url);
    return {
      append: (stream, revision, { type, data, metadata }) =>
        store.append(stream, revision, [{ type, data, metadata }]),
      close: () => store.close(),
    };
  },

  /**
   * One row a transaction through `pg`, prepared, with none of our code: a table with the columns and indexes of ours,
   * positions from a sequence. It promises less: neither is the order of positions that of commits, nor is anything
   * checked but that a stream's revision is not taken.
   */
  async raw(url, { connections }) {
    const { Pool } = require('pg');
    const pool = new Pool({ connectionString: url, max: connections });
    return {
      async append(stream, revision, { id, type, occurredAt, data, metadata }) {
        await pool.query({
          name: 'raw-append',
          text: `insert into raw_events (position, stream, revision, id, type, occurred_at, recorded_at, data, metadata)
                 values (nextval('raw_position'), $1, $2, $3, $4, $5, clock_timestamp(), $6, $7)`,
          values: [
            stream,
            revision + 1,
            id,
            type,
            occurredAt,
            JSON.stringify(data),
            JSON.stringify(metadata),
          ],
        });
      },
      close: () => pool.end(),
    };
  },
};
