import { setTimeout as wait } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { KafkaJSError } from 'kafkajs';
import { connectionFault } from '../connection/connection-fault';
import { KafkaRefused, KafkaUnreachable, TopicMissing } from './errors';
import { kafkaOf, withAdmin } from './kafka-of';
import type { Member } from './membership';
import { Membership, isPassing } from './membership';
import type { ConsumerOptions, Consumption } from './options';

/** Pauses before another stay in the group, in milliseconds; the last one repeats. */
const PAUSES = [100, 500, 1_000, 2_000, 5_000];

/**
 * Begins to consume and keeps on through lost brokers and rebalances.
 * @param prepare done once it is clear that there is something to consume
 * @throws KafkaUnreachable, KafkaRefused, TopicMissing, and what a broker refuses for good
 */
export async function keepConsuming(
  options: ConsumerOptions,
  memberOf: (kafka: Kafka) => Member,
  prepare?: () => Promise<void>,
): Promise<Consumption> {
  checkOptions(options);
  const kafka = kafkaOf(options);
  await checkTopics(kafka, options);
  await prepare?.();
  const consumption = new KeptConsumption(kafka, options, memberOf(kafka));
  await consumption.begun;
  return consumption;
}

class KeptConsumption implements Consumption {
  readonly ended: Promise<void>;
  /** Settles with the first stay in the group, or with what made it impossible. */
  readonly begun: Promise<void>;
  private readonly stopping = new AbortController();
  private hasBegun: () => void = () => undefined;
  private membership: Membership | undefined;
  private failures = 0;

  constructor(
    private readonly kafka: Kafka,
    private readonly options: ConsumerOptions,
    private readonly member: Member,
  ) {
    const first = new Promise<void>((resolve) => {
      this.hasBegun = resolve;
    });
    this.ended = this.run();
    // Whoever does not look at `ended` must not be killed by it.
    this.ended.catch(() => undefined);
    this.begun = Promise.race([first, this.ended]);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.membership?.end();
    await this.ended.catch(() => undefined);
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const failure = await this.stay();
      if (failure === undefined || this.stopping.signal.aborted) return;
      const fault = connectionFault(failure, this.options);
      if (!isPassing(failure)) throw fault ? new KafkaRefused(this.options.brokers, fault, failure) : failure;
      const pause = PAUSES[Math.min(this.failures, PAUSES.length - 1)] ?? 0;
      this.failures += 1;
      this.options.log?.({
        level: 'warn',
        message: `${fault?.words ?? failure.message}; once more in ${pause} ms`,
      });
      await wait(pause, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private async stay(): Promise<Error | undefined> {
    this.membership = new Membership(this.kafka, this.options, this.member, () => {
      this.failures = 0;
      this.hasBegun();
      this.options.log?.({ level: 'info', message: `member of group ${this.options.groupId}` });
    });
    return this.membership.work();
  }
}

async function checkTopics(kafka: Kafka, options: ConsumerOptions): Promise<void> {
  const { brokers, topics } = options;
  const found = await withAdmin(kafka, (admin) => admin.listTopics()).catch((error: unknown) => {
    const fault = connectionFault(error, options);
    if (fault) throw new KafkaRefused(brokers, fault, error);
    throw error instanceof KafkaJSError && isPassing(error) ? new KafkaUnreachable(options, error) : error;
  });
  const missing = topics.filter((topic) => !found.includes(topic));
  if (missing.length > 0) throw new TopicMissing(missing, brokers);
}

function checkOptions({ brokers, groupId, topics }: ConsumerOptions): void {
  const unfit = brokers.find((broker) => !/^[^\s:/]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i.test(broker));
  if (brokers.length === 0 || unfit !== undefined)
    throw new TypeError(`brokers must be a list of host:port${unfit === undefined ? '' : `, not ${unfit}`}`);
  if (groupId === '') throw new TypeError('groupId must be a name');
  if (topics.length === 0) throw new TypeError('topics must name at least one topic');
}
