import type { KafkaConnection } from '../connection/kafka-connection';
import type { CloudEvent } from '../contracts/public-message';
import type { NotACloudEvent, Place } from './errors';

/** What every consumer says, beside where Kafka is and how it is reached. */
export interface ConsumerOptions extends KafkaConnection {
  /** The name under which the members of one consumer share its work; another name reads everything anew. */
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Where a group begins that has never read: absent, with the oldest event that Kafka keeps. */
  readonly from?: 'beginning' | 'now';
  /** A member that is silent for so long loses its partitions to the others; absent: 30 seconds. */
  readonly sessionMilliseconds?: number;
  /** Partitions that are worked on at the same time; absent: 1. Within a partition it is always one event at a time. */
  readonly partitionsAtOnce?: number;
  /** Told of a message that is no CloudEvent, which is passed over; absent: it stops the consumer. */
  readonly unreadable?: (fault: NotACloudEvent) => void;
  /** Told what a person who runs the consumer may want to know; never holds what events say. */
  readonly log?: (line: { readonly level: 'info' | 'warn'; readonly message: string }) => void;
}

/** Options of `consume`. */
export interface ConsumeOptions extends ConsumerOptions {
  /** Called for one event after the other, in the order of their partition. */
  readonly handle: (event: CloudEvent, place: Place) => Promise<void> | void;
}

/** A consumer at work. */
export interface Consumption {
  /** Settles when nothing more is consumed: resolves after `stop`, rejects with what made it impossible to go on. */
  readonly ended: Promise<void>;
  /** Finishes the event at hand, leaves the group and closes its connections. */
  stop(): Promise<void>;
}
