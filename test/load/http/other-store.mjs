/**
 * Loaded into the product before it starts (`node --import`), this gives its store another way to append and leaves all
 * the rest of the application as it is: what is measured then is the same application on that way.
 *
 * BENCH_APPEND: `emmett` (with BENCH_EMMETT_URL, its database) or `nothing`, which answers without storing.
 */
import { built } from '../append/candidates.mjs';

const { PostgresEventStore } = built('event-store-postgres');

let position = 0n;
const appendedAt = (streams) => ({
  position: (position += 1n),
  recordedAt: new Date().toISOString(),
  streams: streams.map(({ stream, expected, events }) => ({
    stream,
    revision: (expected === 'new' ? -1 : expected) + events.length,
  })),
});

const APPENDS = {
  async nothing() {
    return async (writes) => appendedAt(writes);
  },
  async emmett() {
    const { openEmmett } = await import('../baselines/emmett.mjs');
    const emmett = await openEmmett(process.env.BENCH_EMMETT_URL);
    return async (writes, metadata) => {
      for (const { stream, expected, events } of writes) {
        const told = events.map(({ id, type, occurredAt, data }) => ({
          type,
          data,
          metadata: { ...metadata, id, occurredAt },
        }));
        await emmett.append(stream, expected === 'new' ? -1 : expected, told);
      }
      return appendedAt(writes);
    };
  },
};

PostgresEventStore.prototype.append = await APPENDS[process.env.BENCH_APPEND]();
