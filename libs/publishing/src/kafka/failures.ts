import type { ConnectionPart } from '../connection/connection-fault';
import { connectionFault, hungUpHint, isBrokenLogin } from '../connection/connection-fault';
import { errorChain } from '../connection/error-chain';
import type { KafkaConnection } from '../connection/kafka-connection';
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
};

const AWAY = new Set([
  ...['KafkaJSConnectionError', 'KafkaJSConnectionClosedError', 'KafkaJSRequestTimeoutError'],
  ...['KafkaJSBrokerNotFound', 'KafkaJSNoBrokerAvailableError', 'KafkaJSMetadataNotLoaded'],
  ...['KafkaJSGroupCoordinatorNotFound', 'KafkaJSTopicMetadataNotLoaded', 'KafkaJSLockTimeout'],
  ...['LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION', 'REPLICA_NOT_AVAILABLE', 'BROKER_NOT_AVAILABLE'],
  ...['NOT_ENOUGH_REPLICAS', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'NETWORK_EXCEPTION', 'REQUEST_TIMED_OUT'],
  ...['NOT_CONTROLLER', 'KAFKA_STORAGE_ERROR'],
]);

/** The settings that mend a connection. */
const SETTINGS: Readonly<Record<ConnectionPart, string>> = {
  password: 'KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD',
  mechanism: 'KAFKA_SASL_MECHANISM',
  'no-login': 'KAFKA_SASL_MECHANISM and the port in KAFKA_BROKERS',
  ca: 'KAFKA_TLS_CA',
  host: 'KAFKA_BROKERS and the advertised.listeners of the brokers',
  'no-tls': 'KAFKA_TLS and the port in KAFKA_BROKERS',
  identity: 'KAFKA_TLS_CERT and KAFKA_TLS_KEY',
};

const HUNG_UP = 'KAFKA_TLS, KAFKA_SASL_MECHANISM and the port in KAFKA_BROKERS';

/** The last is said of the other topics of a transaction, and may be all that kafkajs tells. */
const MISSING = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'OPERATION_NOT_ATTEMPTED']);

const NO_COORDINATOR = new Set([
  ...['GROUP_COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR_FOR_GROUP', 'GROUP_LOAD_IN_PROGRESS'],
]);

/**
 * Sorts what kafkajs throws by what is to be done.
 * @param doing what failed, for the words: `opening a transaction`
 * @param connection as it was configured
 */
export function failureOf(error: unknown, doing: string, connection: KafkaConnection): PublisherError {
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
  const at = connection.brokers.join(', ');
  const fault = connectionFault(error, connection);
  if (fault) {
    // A broker that stops while it shakes hands looks like one without TLS: that passes.
    const kind = fault.part === 'no-tls' ? 'away' : 'refused';
    return new PublisherError(kind, `at ${at} ${fault.words}: check ${SETTINGS[fault.part]}`, options);
  }
  const coordinator = known(NO_COORDINATOR);
  if (coordinator !== undefined)
    return new PublisherError(
      'away',
      `${told(coordinator)}; if that stays so, fewer brokers run than transaction.state.log.replication.factor, ` +
        'transaction.state.log.min.isr or offsets.topic.replication.factor demand',
      options,
    );
  const missing = known(MISSING);
  if (missing !== undefined)
    return new PublisherError(
      'away',
      `a topic was deleted, some broker does not know it yet, or we may not write to it (${told(missing)}); ` +
        'one that is missing is made',
      options,
    );
  const away = known(AWAY) ?? (isBrokenLogin(error) ? names.at(-1) : undefined);
  if (away !== undefined) {
    const hint = hungUpHint(error, connection);
    const words = `no broker answers at ${at} (${told(away)})`;
    return new PublisherError(
      'away',
      hint === undefined ? words : `${words}; ${hint}: check ${HUNG_UP}`,
      options,
    );
  }
  return new PublisherError('unknown', told(names.at(-1) ?? 'of an unknown kind'), options);
}

/** What an error and those behind it are called: by their type in the protocol, else by their class. */
const namesOf = (error: unknown): readonly string[] =>
  errorChain(error).flatMap(({ name, type, code }) => {
    const nameless = typeof code === 'number' ? NAMELESS[code] : undefined;
    const first = nameless ?? type ?? name;
    return first === undefined ? [] : [first];
  });
