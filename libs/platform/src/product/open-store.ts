import type { EventStore } from '@guanxi/event-store';
import type { AppendObserver } from '@guanxi/event-store-postgres';
import { PostgresEventStore } from '@guanxi/event-store-postgres';
import { DomainError } from '@guanxi/kernel';
import type { Pool } from 'pg';
import { StartError } from './start-error';

/**
 * Opens the event store: on KurrentDB if its address is given, else in the database that holds the read models.
 * @param kurrentUrl secret, as it may hold a password
 * @param observer gets told of appends to PostgreSQL
 * @throws StartError when KurrentDB does not answer or does not let us in, or when the read models are of another log
 */
export async function openStore(
  pool: Pool,
  kurrentUrl: string | undefined,
  observer?: AppendObserver,
): Promise<EventStore> {
  const store =
    kurrentUrl === undefined ? new PostgresEventStore(pool, observer) : await openKurrentDb(kurrentUrl);
  try {
    await checkLog(pool, store, kurrentUrl !== undefined);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openKurrentDb(url: string): Promise<EventStore> {
  // Its client loads a native library, which who stores in PostgreSQL need not wait for.
  const { openKurrent } = await import('@guanxi/event-store-kurrentdb');
  try {
    const store = openKurrent(url);
    await store.check().catch(async (error: unknown) => {
      await store.close();
      throw error;
    });
    return store;
  } catch (error) {
    throw error instanceof DomainError ? new StartError(`KURRENTDB_URL: ${error.message}`) : error;
  }
}

/**
 * Read models that were made from another log would go on from a position that means something else in this one. A
 * checkpoint says twice where it stands: where the two differ it was changed by hand, which the workers tell.
 */
async function checkLog(pool: Pool, store: EventStore, elsewhere: boolean): Promise<void> {
  const { rows } = await pool.query<{ own: boolean; reached: string }>(
    `select exists (select from es.events) as own,
            (select coalesce(max(least(position, moved_to)), 0) from ops.checkpoints)::text as reached`,
  );
  // Asked for afterwards: beside writers the log grows, and its end of before may lie behind what was made of it since.
  const { position: head } = await store.head();
  const [found] = rows;
  if (elsewhere && found?.own === true) {
    throw new StartError(
      'KURRENTDB_URL is set, but this PostgreSQL holds an event store of its own: unset it, or name an empty database',
    );
  }
  if (BigInt(found?.reached ?? 0) > head) {
    throw new StartError(
      `the read models of this PostgreSQL have reached position ${found?.reached}, the event store ends at ${head}: they ` +
        'were made from another event store (is KURRENTDB_URL right?), or events of this one are lost',
    );
  }
}
