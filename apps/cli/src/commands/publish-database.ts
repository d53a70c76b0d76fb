import { contexts } from '@guanxi/contexts';
import { contractBook, parseBrokers } from '@guanxi/platform';
import type { ContractBook } from '@guanxi/publishing';
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

/** The brokers of KAFKA_BROKERS. @throws Failure `publish.no-brokers` */
export function brokersOf({ env }: Session): readonly string[] {
  const brokers = parseBrokers(env['KAFKA_BROKERS'] ?? '');
  if (brokers) return brokers;
  throw new Failure(
    'publish.no-brokers',
    'KAFKA_BROKERS must name brokers, host:port each, with commas between them, such as 127.0.0.1:9092',
  );
}
