import type { EachBatchPayload } from 'kafkajs';
import { keepConsuming } from './consumption';
import { HandlingFailed } from './errors';
import type { Member } from './membership';
import type { ConsumeOptions, Consumption } from './options';
import { readEvent } from './read-event';

/**
 * Consumes public events: those of committed transactions alone, one after the other within each partition and so in
 * order for each key. Offsets are kept in Kafka, after the handler has returned: an event may come again after a crash.
 * Who cannot bear doubles tells them by `event.id`, or uses `consumeInto`.
 * @throws KafkaUnreachable, TopicMissing; later faults end `ended`: HandlingFailed, NotACloudEvent
 */
export function consume(options: ConsumeOptions): Promise<Consumption> {
  return keepConsuming(options, () => new Handling(options));
}

class Handling implements Member {
  readonly autoCommit = true;

  constructor(private readonly options: ConsumeOptions) {}

  joined(): void {
    // kafkajs begins where the group has committed.
  }

  async batch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = payload.batch;
    for (const message of messages) {
      if (!payload.isRunning() || payload.isStale()) return;
      const place = { topic, partition, offset: message.offset };
      const event = readEvent(message, place, this.options.unreadable);
      if (event) {
        try {
          await this.options.handle(event, place);
        } catch (error) {
          throw new HandlingFailed(place, event.id, event.type, error);
        }
      }
      payload.resolveOffset(message.offset);
      await payload.commitOffsetsIfNecessary();
      await payload.heartbeat();
    }
  }
}
