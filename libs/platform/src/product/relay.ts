import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { ContractBook, KafkaConnection, RelayLag } from '@guanxi/publishing';
import {
  KafkaPublisher,
  RELAY_TRANSACTIONAL_ID,
  RelayWorker,
  keptRelay,
  parkedStreams,
  relayLag,
} from '@guanxi/publishing';
import type { Pool } from 'pg';
import { RelayMetrics, SILENT_SECONDS } from '../health/relay-metrics';
import type { Metrics } from '../health/metrics';
import type { JsonLog } from '../logging/json-log';

/** What publishing to Kafka is put together from. */
export interface RelayParts {
  readonly kafka: KafkaConnection;
  readonly pool: Pool;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly book: ContractBook;
  readonly metrics: Metrics;
  readonly log: JsonLog;
}

/** What tells how far the relay is behind. */
export const relayLook =
  (parts: Pick<RelayParts, 'pool' | 'store' | 'registry' | 'book'>) => (): Promise<RelayLag> =>
    relayLag({ ...parts, clock: Date.now });

/** The worker that publishes to Kafka while it has the right to; measured, not started yet. */
export function relayWorker({ kafka, pool, store, registry, book, metrics, log }: RelayParts): RelayWorker {
  const look = relayLook({ pool, store, registry, book });
  const publisher = new KafkaPublisher({
    ...{ ...kafka, transactionalId: RELAY_TRANSACTIONAL_ID },
    debug: (line) => {
      log.debug(line, 'relay');
    },
  });
  return new RelayWorker({
    ...{ pool, store, registry, book, publisher },
    observer: metrics.measure((measured) => new RelayMetrics(measured, look)),
    log: {
      info: (line) => {
        log.info(line, 'relay');
      },
      warn: (line) => {
        log.warn(line, 'relay');
      },
    },
  });
}

/** What an operator should know of publishing, each with what to do. */
export async function relayNotices(pool: Pool): Promise<readonly string[]> {
  const [relay, parked] = await Promise.all([keptRelay(pool), parkedStreams(pool)]);
  const notices: string[] = [];
  if (relay === undefined) notices.push('nothing was published to Kafka yet: start a worker');
  else if (relay.silentSeconds > SILENT_SECONDS)
    notices.push(
      `nothing is published to Kafka: the relay was last heard of ${Math.round(relay.silentSeconds)} s ago, from ${relay.holder}; start a worker`,
    );
  else if (relay.phase !== 'relaying' && relay.phase !== 'opening')
    notices.push(`nothing is published to Kafka (${relay.phase}): ${relay.reason ?? 'it is stopping'}`);
  if (parked.length > 0)
    notices.push(
      `${parked.length} keys are not published to Kafka, as an event of theirs cannot be: see "guanxi publish status"`,
    );
  return notices;
}
