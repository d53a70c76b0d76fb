import { randomUUID } from 'node:crypto';
import type { Admin, Producer } from 'kafkajs';
import { Kafka, Partitioners, logLevel } from 'kafkajs';
import { clientConfig } from '../connection/client-config';
import type { KafkaConnection } from '../connection/kafka-connection';
import type { Topic } from '../contracts/contract';
import type { Outgoing } from '../relay/outgoing';
import type { OpenPublisher, Publisher, RelayState, StateChange } from '../relay/publisher';
import { PublisherError } from '../relay/publisher';
import { batchesOf } from './batches';
import { readState } from './checkpoint-reader';
import type { Mark } from './checkpoint-reader';
import type { DebugLog } from './client-log';
import { clientLog } from './client-log';
import { failureOf } from './failures';
import { stateRecords } from './state-codec';
import type { FoundTopic } from './topics';
import { CHECKPOINT_TOPIC, prepareTopics } from './topics';

/** What a publisher to Kafka is made from. */
export interface KafkaPublisherOptions extends KafkaConnection {
  /** Of all that have the same one only the latest can write. */
  readonly transactionalId: string;
  /** Before the keys of its state, for a publisher beside the relay proper. Absent: none. */
  readonly statePrefix?: string;
  /** Takes what the client has to say. Absent: nobody. */
  readonly debug?: DebugLog;
}

/** Of the relay proper. */
export const RELAY_TRANSACTIONAL_ID = 'guanxi-relay';

/**
 * Right after a commit the broker answers CONCURRENT_TRANSACTIONS for some milliseconds, and kafkajs sleeps for a whole
 * retry time: the first one must be short. What lasts longer than the sum of them is for the relay to wait for.
 */
const RETRY = { initialRetryTime: 5, factor: 0.2, multiplier: 1.5, maxRetryTime: 400, retries: 24 };
const TRANSACTION_MILLISECONDS = 60_000;
const REQUEST_MILLISECONDS = 15_000;
const CONNECT_MILLISECONDS = 3_000;
const END_MILLISECONDS = 5_000;

/** Publishes to Kafka with kafkajs: messages and how far they go, in one transaction. */
export class KafkaPublisher implements Publisher {
  private readonly kafka: Kafka;
  private readonly prefix: string;

  constructor(private readonly options: KafkaPublisherOptions) {
    this.prefix = options.statePrefix ?? '';
    this.kafka = new Kafka({
      ...clientConfig(options),
      clientId: options.transactionalId,
      connectionTimeout: CONNECT_MILLISECONDS,
      requestTimeout: REQUEST_MILLISECONDS,
      retry: RETRY,
      logLevel: options.debug ? logLevel.INFO : logLevel.NOTHING,
      ...(options.debug && { logCreator: clientLog(options.debug) }),
    });
  }

  open(topics: readonly Topic[], signal: AbortSignal): Promise<OpenPublisher> {
    return unlessAborted(this.takeOver(topics, signal), signal);
  }

  private async takeOver(topics: readonly Topic[], signal: AbortSignal): Promise<OpenPublisher> {
    const { transactionalId } = this.options;
    let doing = 'looking at the topics';
    const producer = this.kafka.producer({
      transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: TRANSACTION_MILLISECONDS,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: RETRY,
    });
    try {
      const look = () => this.withAdmin((admin) => prepareTopics(admin, topics));
      const found = await look();
      doing = 'beginning the first transaction';
      await producer.connect();
      const mark = { key: `${this.prefix}opened`, value: JSON.stringify({ by: randomUUID() }) };
      await setMark(producer, mark);
      doing = `reading ${CHECKPOINT_TOPIC}`;
      const state = await this.readState(mark, signal);
      return new OpenKafka(producer, state, found, { connection: this.options, prefix: this.prefix, look });
    } catch (error) {
      await ended(producer);
      throw failureOf(error, doing, this.options);
    }
  }

  private async readState(mark: Mark, signal: AbortSignal): Promise<RelayState> {
    const group = `${this.options.transactionalId}-${randomUUID()}`;
    const state = await readState(this.kafka, { group, prefix: this.prefix, mark }, signal);
    // An empty group goes by itself, only later; to delete it may be forbidden.
    await this.withAdmin((admin) => admin.deleteGroups([group])).catch(() => undefined);
    return state;
  }

  private async withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.kafka.admin({ retry: RETRY });
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      await ended(admin);
    }
  }
}

interface OpenOptions {
  readonly connection: KafkaConnection;
  readonly prefix: string;
  readonly look: () => Promise<ReadonlyMap<string, FoundTopic>>;
}

class OpenKafka implements OpenPublisher {
  readonly made: readonly string[];
  readonly warnings: readonly string[];

  constructor(
    private readonly producer: Producer,
    readonly state: RelayState,
    private topics: ReadonlyMap<string, FoundTopic>,
    private readonly options: OpenOptions,
  ) {
    this.made = [...topics].flatMap(([name, { isMade }]) =>
      isMade && name !== CHECKPOINT_TOPIC ? [name] : [],
    );
    this.warnings = [...topics.values()].flatMap(({ warning }) => warning ?? []);
  }

  isNew(topic: string): boolean {
    return this.topics.get(topic)?.isNew ?? true;
  }

  largest(topic: string): number {
    return this.topics.get(topic)?.largest ?? 0;
  }

  async lookAgain(): Promise<void> {
    const { connection, look } = this.options;
    try {
      this.topics = await look();
    } catch (error) {
      throw failureOf(error, 'looking at the topics', connection);
    }
  }

  async publish(messages: readonly Outgoing[], change: StateChange): Promise<void> {
    const { connection, prefix } = this.options;
    let doing = 'beginning a transaction';
    try {
      const transaction = await this.producer.transaction();
      doing = 'sending';
      const records = stateRecords(change, prefix);
      for (const topicMessages of batchesOf(messages, records, this.topics))
        await transaction.sendBatch({ acks: -1, topicMessages });
      doing = 'committing';
      await transaction.commit();
    } catch (error) {
      throw failureOf(error, doing, connection);
    }
  }

  close(): Promise<void> {
    return ended(this.producer);
  }
}

/** kafkajs goes on for seconds where no broker answers: who wants to stop does not wait for that. */
function unlessAborted(opening: Promise<OpenPublisher>, signal: AbortSignal): Promise<OpenPublisher> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(new PublisherError('away', 'opening was given up'));
      opening.then((late) => late.close()).catch(() => undefined);
    };
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    void opening.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', giveUp);
    });
  });
}

/** Takes over: the first transaction of a producer undoes what others have not committed, and bars them. */
async function setMark(producer: Producer, { key, value }: Mark): Promise<void> {
  const transaction = await producer.transaction();
  await transaction.send({ topic: CHECKPOINT_TOPIC, acks: -1, messages: [{ key, value, partition: 0 }] });
  await transaction.commit();
}

/** Ends a client; one whose broker is away is not waited for for long. */
async function ended(client: { readonly disconnect: () => Promise<void> }): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, END_MILLISECONDS);
  });
  await Promise.race([client.disconnect().catch(() => undefined), enough]);
  clearTimeout(timer);
}
