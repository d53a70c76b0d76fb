import type { ConnectionFault, ConnectionPart } from '../connection/connection-fault';
import { hungUpHint } from '../connection/connection-fault';
import type { KafkaConnection } from '../connection/kafka-connection';

/** Where a message lies in Kafka. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  /** As decimal text: it may be longer than a number can tell. */
  readonly offset: string;
}

const at = ({ topic, partition, offset }: Place): string =>
  `topic ${topic}, partition ${partition}, offset ${offset}`;

/** A message that is no CloudEvent of a contract: somebody else writes to the topic, or it is another topic. */
export class NotACloudEvent extends Error {
  override readonly name = 'NotACloudEvent';

  constructor(
    readonly place: Place,
    readonly reason: string,
  ) {
    super(`The message at ${at(place)} is no CloudEvent as the contracts have it: ${reason}.`);
  }
}

/** A topic that is not there, or that this consumer may not see. */
export class TopicMissing extends Error {
  override readonly name = 'TopicMissing';

  constructor(
    readonly topics: readonly string[],
    brokers: readonly string[],
  ) {
    super(
      `There is no topic ${topics.join(', ')} at ${brokers.join(', ')}, or this user may not see it. ` +
        'Check the name; topics are made when the relay starts for the first time.',
    );
  }
}

/** No broker answered when consumption was to begin. Later on a broker that is gone is waited for. */
export class KafkaUnreachable extends Error {
  override readonly name = 'KafkaUnreachable';

  constructor(connection: KafkaConnection, cause: unknown) {
    const hint = hungUpHint(cause, connection);
    const words = `No Kafka broker answers at ${connection.brokers.join(', ')}: ${wordsOf(cause)}`;
    super(hint === undefined ? words : `${words}; ${hint}`, { cause });
  }
}

/** The brokers and this consumer do not come together; another option mends it, not time. */
export class KafkaRefused extends Error {
  override readonly name = 'KafkaRefused';

  constructor(brokers: readonly string[], { part, words }: ConnectionFault, cause: unknown) {
    super(`At ${brokers.join(', ')} ${words}: check ${OPTIONS[part]}.`, { cause });
  }
}

const OPTIONS: Readonly<Record<ConnectionPart, string>> = {
  password: 'sasl.username and sasl.password',
  mechanism: 'sasl.mechanism',
  'no-login': 'sasl and the port in brokers',
  ca: 'tls.ca',
  host: 'brokers, and advertised.listeners of the brokers',
  'no-tls': 'tls and the port in brokers',
  identity: 'tls.identity',
};

/** The handler failed; the event was not taken and comes again after a restart. */
export class HandlingFailed extends Error {
  override readonly name = 'HandlingFailed';

  constructor(
    readonly place: Place,
    readonly eventId: string,
    readonly eventType: string,
    cause: unknown,
  ) {
    super(`Event ${eventId} (${eventType}) at ${at(place)} could not be handled: ${wordsOf(cause)}`, {
      cause,
    });
  }
}

/** Events were deleted before they were read: the consumer was away for longer than the topic keeps messages. */
export class EventsGone extends Error {
  override readonly name = 'EventsGone';

  constructor(
    readonly place: Place,
    readonly oldest: string,
  ) {
    super(
      `Events from ${at(place)} on were to be read next, but Kafka keeps them from offset ${oldest} only. ` +
        'Begin again from a replayed topic or from the feed, which keeps all of them; nothing was skipped.',
    );
  }
}

/** A stored offset beyond the end: the topic was deleted and made anew, or these are offsets of another broker. */
export class TopicRemade extends Error {
  override readonly name = 'TopicRemade';

  constructor(
    readonly place: Place,
    readonly end: string,
  ) {
    super(
      `The next event was to be read at ${at(place)}, but the partition ends at offset ${end}: the topic was made ` +
        'anew, or this is another broker. Begin again with an empty table and without stored offsets.',
    );
  }
}

/** Something that passes, such as a lost connection to the database: consumption begins again by itself. */
export class Passing extends Error {
  override readonly name = 'Passing';

  constructor(cause: unknown) {
    super(wordsOf(cause), { cause });
  }
}

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
