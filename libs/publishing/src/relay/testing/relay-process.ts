import { PostgresEventStore } from '@guanxi/event-store-postgres';
import { Pool } from 'pg';
import { KafkaPublisher } from '../../kafka/kafka-publisher';
import { RelayWorker } from '../relay-worker';
import { registry, thingsBook } from './things';

/** A process that relays things until it is killed. */
const {
  RELAY_DATABASE: url = '',
  RELAY_BROKERS = '',
  RELAY_TOPIC: topic = '',
  RELAY_ID: id = '',
} = process.env;

const pool = new Pool({ connectionString: url, options: '-c TimeZone=UTC' });
// As with the product's own: a session that others end must not end the process.
pool.on('error', () => undefined);
pool.on('connect', (client) => client.on('error', () => undefined));
new RelayWorker({
  ...{ pool, registry, book: thingsBook({ topic }), store: new PostgresEventStore(pool) },
  publisher: new KafkaPublisher({
    brokers: RELAY_BROKERS.split(','),
    transactionalId: id,
    statePrefix: `${id}/`,
  }),
  // Small ones, so that many kills hit one that is under way.
  limits: { messages: 10, bytes: 1_000_000 },
  log: { info: () => undefined, warn: (line) => process.stderr.write(`${line}\n`) },
}).start();
