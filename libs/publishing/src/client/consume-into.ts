import type { Kafka } from 'kafkajs';
import type { Pool, PoolClient } from 'pg';
import type { CloudEvent } from '../contracts/public-message';
import { keepConsuming } from './consumption';
import type { Place } from './errors';
import { ExactlyOnce } from './exactly-once';
import { OffsetTable } from './offset-table';
import type { ConsumerOptions, Consumption } from './options';

/** Options of `consumeInto`. */
export interface ConsumeIntoOptions extends ConsumerOptions {
  /**
   * Writes what follows from an event with `client`, which is in a transaction that this function must not end. It does
   * nothing else that could not be undone: after a crash or a rebalance it may be called again for the same event.
   */
  readonly handle: (event: CloudEvent, client: PoolClient, place: Place) => Promise<void>;
  /** Where the offsets stand, in the same database; made where it is missing. Absent: `guanxi_offsets`. */
  readonly offsetTable?: string;
  /** At most so many events share a transaction; absent: 200. */
  readonly eventsPerTransaction?: number;
}

/**
 * Consumes public events into a PostgreSQL database, each exactly once: the offset is moved in the transaction in which
 * the handler writes, so that a crash at any moment neither loses nor doubles. Where to begin is asked of that database
 * alone. A member that has lost its partition to another one can write no more, even before it knows.
 * @param pool at least `partitionsAtOnce` + 1 connections; who made it hears its `error` events and closes it
 * @throws KafkaUnreachable, TopicMissing; later faults end `ended`: HandlingFailed, NotACloudEvent, EventsGone, TopicRemade
 */
export async function consumeInto(pool: Pool, options: ConsumeIntoOptions): Promise<Consumption> {
  const offsets = new OffsetTable(options.offsetTable ?? 'guanxi_offsets', options.groupId);
  return keepConsuming(
    options,
    (kafka: Kafka) => new ExactlyOnce(pool, kafka, offsets, options),
    () => offsets.make(pool),
  );
}
