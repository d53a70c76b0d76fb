import type { EventStore } from '@guanxi/event-store';
import type { RelayState } from './publisher';
import { PublisherError } from './publisher';

/**
 * Behind which position of the log a relay goes on, by what is kept where the messages are.
 * @throws PublisherError `refused` where that tells of another log: a database that was restored from a backup, or that
 * of another installation. To go on would leave out what lies before the position in this one.
 */
export async function beginningOf(store: EventStore, { position, landmark }: RelayState): Promise<bigint> {
  if (position === 0n) return 0n;
  if (landmark) {
    const { stream, revision, id } = landmark;
    const [event] = await store.readStream(stream, { from: revision, limit: 1 });
    if (event?.id !== id || event.position !== landmark.position)
      throw otherLog(
        `event ${id} of ${stream}, at position ${landmark.position}, was published, and the log has none such`,
      );
  }
  const { position: head } = await store.head();
  if (position <= head) return position;
  if (landmark === undefined)
    throw otherLog(`everything up to position ${position} was published, and the log ends at ${head}`);
  // Only what is not public lay behind it, and may lie elsewhere now.
  return landmark?.position ?? 0n;
}

const otherLog = (what: string): PublisherError =>
  new PublisherError(
    'refused',
    `these brokers tell of another log than ours: ${what}. Either another installation publishes to them, or the ` +
      'database was restored from a backup; see "Kafka" in docs/guides/operating.md',
  );
