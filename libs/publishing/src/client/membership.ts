import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { KafkaJSError } from 'kafkajs';
import { isBrokenLogin } from '../connection/connection-fault';
import { Passing } from './errors';
import type { ConsumerOptions } from './options';

/** The partitions of each topic that a member has to work on. */
export type Assignment = Readonly<Record<string, readonly number[]>>;

/** What a member of a group does with what it is given. */
export interface Member {
  /** Whether kafkajs keeps the offsets, in Kafka. */
  readonly autoCommit: boolean;
  /** Told of its partitions at once, before the first message of them comes. */
  joined(assignment: Assignment, membership: Membership): void;
  batch(payload: EachBatchPayload): Promise<void>;
}

/** One stay in a consumer group: from joining until stop, a failure, or a crash of the client. */
export class Membership {
  private readonly consumer: Consumer;
  private readonly over: Promise<Error | undefined>;
  private finish: (failure: Error | undefined) => void = () => undefined;
  private isOver = false;

  constructor(
    kafka: Kafka,
    private readonly options: ConsumerOptions,
    private readonly member: Member,
    private readonly joined: () => void,
  ) {
    const { groupId, sessionMilliseconds = 30_000 } = options;
    this.consumer = kafka.consumer({
      groupId,
      sessionTimeout: sessionMilliseconds,
      rebalanceTimeout: Math.max(60_000, sessionMilliseconds),
      heartbeatInterval: Math.ceil(sessionMilliseconds / 10),
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
      readUncommitted: false,
      // kafkajs would start again by itself even after it was told to stop; who holds this membership does it instead.
      retry: { initialRetryTime: 100, retries: 5, maxRetryTime: 2_000, restartOnFailure: async () => false },
    });
    this.over = new Promise((resolve) => {
      this.finish = resolve;
    });
    const { GROUP_JOIN, CRASH } = this.consumer.events;
    this.consumer.on(GROUP_JOIN, ({ payload }) => {
      if (this.isOver) return;
      this.member.joined(payload.memberAssignment, this);
      this.joined();
    });
    this.consumer.on(CRASH, ({ payload }) => {
      this.end(payload.error);
    });
  }

  /** Works until the end; says why it came to an end, undefined after `end()` without a reason. */
  async work(): Promise<Error | undefined> {
    const { topics, from = 'beginning', partitionsAtOnce = 1 } = this.options;
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [...topics], fromBeginning: from === 'beginning' });
      await this.consumer.run({
        autoCommit: this.member.autoCommit,
        autoCommitInterval: 1_000,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: partitionsAtOnce,
        eachBatch: (payload) => this.batch(payload),
      });
    } catch (error) {
      this.end(errorOf(error));
    }
    const failure = await this.over;
    // What it cannot tell a broker that is gone, the broker finds out by itself.
    await this.consumer.disconnect().catch(() => undefined);
    return failure;
  }

  /** Ends the stay: what is at hand is finished first. */
  end(failure?: Error): void {
    this.isOver = true;
    this.finish(failure);
  }

  /** Reads a partition from another offset on. */
  seek(topic: string, partition: number, offset: bigint): void {
    if (!this.isOver) this.consumer.seek({ topic, partition, offset: String(offset) });
  }

  private async batch(payload: EachBatchPayload): Promise<void> {
    if (this.isOver) return;
    try {
      await this.member.batch(payload);
    } catch (error) {
      // Of a rebalance or a lost broker kafkajs knows what to do; it would also try again what the handler refused.
      if (error instanceof KafkaJSError) throw error;
      this.end(errorOf(error));
    }
  }
}

const errorOf = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Whether a stay that ended so is worth another one. */
export function isPassing(failure: Error): boolean {
  if (failure instanceof Passing) return true;
  if (!(failure instanceof KafkaJSError)) return false;
  if (failure.name === 'KafkaJSNumberOfRetriesExceeded' || isBrokenLogin(failure)) return true;
  const cause = lastCause(failure);
  return !REFUSALS.test('type' in cause ? String(cause.type) : cause.name);
}

/** What a broker will say again however often it is asked. */
const REFUSALS = /AUTHORI[SZ]ATION|AUTHENTICATION|SASL|UNSUPPORTED|INVALID|INCONSISTENT|NotImplemented/i;

function lastCause(error: Error): Error {
  return error.cause instanceof Error ? lastCause(error.cause) : error;
}
