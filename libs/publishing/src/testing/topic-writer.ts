import { randomUUID } from 'node:crypto';
import type { Kafka, Message, Producer, Transaction } from 'kafkajs';
import { Kafka as Client, logLevel } from 'kafkajs';
import type { PublicMessage } from '../contracts/public-message';
import { headersOf } from '../contracts/public-message';

/** Writes to a topic of a test as the relay does: CloudEvents in binary mode, in transactions. */
export class TopicWriter {
  private constructor(
    private readonly client: Kafka,
    private readonly producer: Producer,
    readonly topic: string,
  ) {}

  /** Makes the topic. */
  static async open(brokers: readonly string[], topic: string, partitions: number): Promise<TopicWriter> {
    process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1';
    const client = new Client({ clientId: 'writer', brokers: [...brokers], logLevel: logLevel.NOTHING });
    const producer = client.producer({
      transactionalId: `writer-${randomUUID()}`,
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { initialRetryTime: 5, factor: 0.2, retries: 200, maxRetryTime: 500 },
    });
    const writer = new TopicWriter(client, producer, topic);
    await writer.makeTopic(partitions);
    await producer.connect();
    return writer;
  }

  async makeTopic(partitions: number): Promise<void> {
    await this.withAdmin((admin) =>
      admin.createTopics({
        topics: [{ topic: this.topic, numPartitions: partitions }],
        waitForLeaders: true,
      }),
    );
  }

  async withAdmin<R>(ask: (admin: ReturnType<Kafka['admin']>) => Promise<R>): Promise<R> {
    const admin = this.client.admin();
    await admin.connect();
    try {
      return await ask(admin);
    } finally {
      await admin.disconnect();
    }
  }

  async commit(messages: readonly PublicMessage[]): Promise<void> {
    await (await this.sent(messages.map(kafkaMessage))).commit();
  }

  /** Messages that nobody may see. */
  async abort(messages: readonly PublicMessage[]): Promise<void> {
    await (await this.sent(messages.map(kafkaMessage))).abort();
  }

  /** Messages that may be no events. */
  async commitRaw(messages: readonly Message[]): Promise<void> {
    await (await this.sent(messages)).commit();
  }

  async close(): Promise<void> {
    await this.producer.disconnect();
  }

  private async sent(messages: readonly Message[]): Promise<Transaction> {
    const transaction = await this.producer.transaction();
    await transaction.send({ topic: this.topic, messages: [...messages] });
    return transaction;
  }
}

const kafkaMessage = ({ key, event }: PublicMessage): Message => ({
  key,
  value: JSON.stringify(event.data),
  headers: headersOf(event),
});
