import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { PoolClient } from 'pg';
import type { Placed } from '../moment';
import { placed, readable } from '../placing';
import { tablesOf } from '../read-model';
import { skippedEvents } from '../skipped-events';

/** Where events are read. */
export interface EventParts {
  readonly store: EventStore;
  readonly registry: EventRegistry;
}

/**
 * The events that speak about a key of a generation, in position order and in their newest versions, without those that
 * are left out of it; none for a key that the tables do not know.
 * @param upTo last position that counts
 */
export async function eventsOfKey(
  parts: EventParts,
  client: PoolClient,
  tables: Placed,
  key: string,
  upTo: bigint,
): Promise<readonly RecordedEvent[]> {
  const streams = await streamsOfKey(parts.store, client, tables, key);
  return eventsOfStreams(parts, tables.model, streams, key, upTo);
}

/** The events of some streams that speak about a key. */
export async function eventsOfStreams(
  { store, registry }: EventParts,
  model: Placed['model'],
  streams: readonly string[],
  key: string,
  upTo: bigint,
): Promise<readonly RecordedEvent[]> {
  if (streams.length === 0) return [];
  const events = await store.readStreams(streams, model.types);
  const own = events
    .filter(({ position }) => position <= upTo)
    .flatMap((event) => placed(model, readable(registry, event)) ?? [])
    .filter((each) => each.key === key)
    .map(({ event }) => event);
  return (await skippedEvents(store, [model])).without(model.name, key, own);
}

async function streamsOfKey(
  store: EventStore,
  client: PoolClient,
  { model, generation }: Placed,
  key: string,
): Promise<readonly string[]> {
  const { current, streams } = tablesOf(generation);
  if (model.manyStreams) {
    const { rows } = await client.query<{ stream: string }>(`select stream from ${streams} where id = $1`, [
      key,
    ]);
    return rows.map(({ stream }) => stream);
  }
  const { rows } = await client.query<{ stream: string | null; position: string | null }>(
    `select (select stream from ops.parked_keys where generation = $2 and id = $1) as stream,
            (select opened_pos::text from ${current} where id = $1) as position`,
    [key, generation],
  );
  const [known] = rows;
  if (typeof known?.stream === 'string') return [known.stream];
  if (typeof known?.position !== 'string') return [];
  // All events of the key are in one stream, and the one that opened its row lies at this position.
  const found = await eventAt(store, BigInt(known.position));
  return found ? [found.stream] : [];
}

/** The event at a position, if there is one. */
export async function eventAt(store: EventStore, position: bigint): Promise<RecordedEvent | undefined> {
  for await (const [event] of store.readAll({ after: position - 1n, pageSize: 1 })) return event;
  return undefined;
}
