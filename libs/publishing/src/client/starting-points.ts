import type { Kafka } from 'kafkajs';
import { EventsGone, TopicRemade } from './errors';
import { withAdmin } from './kafka-of';
import type { Assignment } from './membership';

/** What Kafka has of a partition. */
export interface Extent {
  readonly topic: string;
  readonly partition: number;
  readonly oldest: bigint;
  /** The offset of the message that comes next. */
  readonly end: bigint;
}

/** Asks Kafka what it has of these partitions. */
export function extentsOf(kafka: Kafka, assignment: Assignment): Promise<readonly Extent[]> {
  return withAdmin(kafka, async (admin) => {
    const found: Extent[] = [];
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        if (partitions.includes(partition))
          found.push({ topic, partition, oldest: BigInt(low), end: BigInt(high) });
      }
    }
    return found;
  });
}

/**
 * Refuses to read on where events would be passed over in silence.
 * @throws EventsGone, TopicRemade
 */
export function checkExtent({ topic, partition, oldest, end }: Extent, next: bigint): void {
  const place = { topic, partition, offset: String(next) };
  if (next < oldest) throw new EventsGone(place, String(oldest));
  if (next > end) throw new TopicRemade(place, String(end));
}
