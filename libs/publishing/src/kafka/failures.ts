import { PublisherError } from '../relay/publisher';

/** Codes of the protocol that kafkajs has no name for. */
const NAMELESS: Readonly<Record<number, string>> = { 90: 'PRODUCER_FENCED', 120: 'TRANSACTION_ABORTABLE' };

const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED']);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

const WITHOUT_TRANSACTIONS =
  'the brokers know no transactions, without which nothing can be published exactly once: Apache Kafka 2.5 or later is needed';

const REFUSED: Readonly<Record<string, string>> = {
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'the brokers do not allow us this transactional id',
  CLUSTER_AUTHORIZATION_FAILED: 'the brokers do not allow us to write with a transactional producer',
  TOPIC_AUTHORIZATION_FAILED:
    'the brokers do not allow us this topic: it must be described, written and read',
  GROUP_AUTHORIZATION_FAILED:
    'the brokers do not allow us a consumer group whose name begins like our transactional id',
  INVALID_TRANSACTION_TIMEOUT: 'transaction.max.timeout.ms of the brokers is below our 60 s',
  INVALID_REPLICATION_FACTOR:
    'there are fewer brokers than default.replication.factor demands of a new topic',
  POLICY_VIOLATION: 'a policy of the brokers forbids the topic that is to be made',
  INVALID_CONFIG: 'the brokers do not know a setting of the topic that is to be made',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'the topic has a message format that knows no transactions',
  UNSUPPORTED_VERSION: WITHOUT_TRANSACTIONS,
  KafkaJSServerDoesNotSupportApiKey: WITHOUT_TRANSACTIONS,
  KafkaJSSASLAuthenticationError: 'the brokers want us to say who we are, which is not supported',
};

const AWAY = new Set([
  ...['KafkaJSConnectionError', 'KafkaJSConnectionClosedError', 'KafkaJSRequestTimeoutError'],
  ...['KafkaJSBrokerNotFound', 'KafkaJSNoBrokerAvailableError', 'KafkaJSMetadataNotLoaded'],
  ...['KafkaJSGroupCoordinatorNotFound', 'KafkaJSTopicMetadataNotLoaded', 'KafkaJSLockTimeout'],
  ...['LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION', 'REPLICA_NOT_AVAILABLE', 'BROKER_NOT_AVAILABLE'],
  ...['NOT_ENOUGH_REPLICAS', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'NETWORK_EXCEPTION', 'REQUEST_TIMED_OUT'],
  ...['NOT_CONTROLLER', 'KAFKA_STORAGE_ERROR', 'UNKNOWN_TOPIC_OR_PARTITION'],
]);

const NO_COORDINATOR = new Set([
  ...['GROUP_COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR_FOR_GROUP', 'GROUP_LOAD_IN_PROGRESS'],
]);

/**
 * Sorts what kafkajs throws by what is to be done.
 * @param doing what failed, for the words: `opening a transaction`
 * @param brokers as they were configured
 */
export function failureOf(error: unknown, doing: string, brokers: readonly string[]): PublisherError {
  if (error instanceof PublisherError) return error;
  const names = namesOf(error);
  const options = { cause: error };
  const known = (list: ReadonlySet<string>): string | undefined => names.find((name) => list.has(name));
  const told = (name: string): string => `${doing} failed: ${name}`;
  const fenced = known(FENCED);
  if (fenced !== undefined)
    return new PublisherError(
      'fenced',
      `another relay has taken over (${fenced}); this one stands by`,
      options,
    );
  const large = known(TOO_LARGE);
  if (large !== undefined)
    return new PublisherError('too-large', `the broker finds the message too large (${large})`, options);
  const refused = names.find((name) => name in REFUSED);
  if (refused !== undefined)
    return new PublisherError('refused', `${REFUSED[refused] ?? ''} (${doing}: ${refused})`, options);
  const coordinator = known(NO_COORDINATOR);
  if (coordinator !== undefined)
    return new PublisherError(
      'away',
      `${told(coordinator)}; if that stays so, fewer brokers run than transaction.state.log.replication.factor, ` +
        'transaction.state.log.min.isr or offsets.topic.replication.factor demand',
      options,
    );
  const away = known(AWAY);
  if (away !== undefined)
    return new PublisherError('away', `no broker answers at ${brokers.join(', ')} (${told(away)})`, options);
  return new PublisherError('unknown', told(names.at(-1) ?? 'of an unknown kind'), options);
}

/** What an error and those behind it are called: by their type in the protocol, else by their class. */
function namesOf(error: unknown, depth = 0): readonly string[] {
  if (typeof error !== 'object' || error === null || depth > 5) return [];
  const { type, code, name, cause, errors }: Readonly<Record<string, unknown>> = { ...own(error) };
  const nameless = typeof code === 'number' ? NAMELESS[code] : undefined;
  const first = nameless ?? (typeof type === 'string' ? type : typeof name === 'string' ? name : undefined);
  const members: readonly unknown[] = Array.isArray(errors) ? errors : [];
  return [
    ...(first === undefined ? [] : [first]),
    ...namesOf(cause, depth + 1),
    ...members.flatMap((member) => namesOf(member, depth + 1)),
  ];
}

const own = (error: object): Readonly<Record<string, unknown>> => ({
  ...('type' in error && { type: error.type }),
  ...('code' in error && { code: error.code }),
  ...('name' in error && { name: error.name }),
  ...('cause' in error && { cause: error.cause }),
  ...('errors' in error && { errors: error.errors }),
});
