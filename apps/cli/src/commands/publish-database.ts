import { contexts } from '@guanxi/contexts';
import { ConfigError, contractBook, kafkaHints, loadKafkaConfig } from '@guanxi/platform';
import type { ContractBook, KafkaConnection } from '@guanxi/publishing';
import { hasRelayBook } from '@guanxi/publishing';
import { Failure } from '../failures';
import type { Session } from '../session';
import type { OpenedDatabase } from './with-database';
import { missing, withDatabase } from './with-database';

/** What a command works with that looks at what is published. */
export interface OpenedPublishing extends OpenedDatabase {
  /** Every public contract of the product. */
  readonly book: ContractBook;
}

/**
 * Lets `work` look at the books of the relay and at the event store, not through the server.
 * @throws Failure `store.missing`, `store.unreachable`, and what `work` throws
 */
export const withPublishing = <T>(
  session: Session,
  work: (opened: OpenedPublishing) => Promise<T>,
): Promise<T> =>
  withDatabase(session, async (opened) => {
    if (!(await hasRelayBook(opened.pool))) throw missing();
    return work({ ...opened, book: contractBook(contexts) });
  });

/** The Kafka of KAFKA_BROKERS and what belongs to it. @throws Failure `publish.no-brokers`, `publish.wrong-settings` */
export function kafkaOf({ env, screen }: Session): KafkaConnection {
  for (const hint of kafkaHints(env)) screen.write(`${hint}\n`);
  const kafka = checked(env);
  if (kafka) return kafka;
  throw new Failure(
    'publish.no-brokers',
    'KAFKA_BROKERS must name brokers, host:port each, with commas between them, such as 127.0.0.1:9092',
  );
}

function checked(env: NodeJS.ProcessEnv): KafkaConnection | undefined {
  try {
    return loadKafkaConfig(env);
  } catch (error) {
    throw error instanceof ConfigError ? new Failure('publish.wrong-settings', error.message) : error;
  }
}
