import { STREAM_DOES_NOT_EXIST } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

/** Emmett's store on PostgreSQL with its defaults, its schema made. */
export async function openEmmett(url) {
  const store = getPostgreSQLEventStore(url);
  await store.schema.migrate();
  return {
    /** @param revision of the stream's last event, counted from 0; -1 for a stream that must be new */
    append: (stream, revision, events) =>
      store.appendToStream(stream, events, {
        expectedStreamVersion: revision < 0 ? STREAM_DOES_NOT_EXIST : BigInt(revision + 1),
      }),
    readStream: (stream, options) => store.readStream(stream, options),
    close: () => store.close(),
  };
}
