export { consume } from './client/consume';
export type { ConsumeIntoOptions } from './client/consume-into';
export { consumeInto } from './client/consume-into';
export type { Place } from './client/errors';
export {
  EventsGone,
  HandlingFailed,
  KafkaRefused,
  KafkaUnreachable,
  NotACloudEvent,
  TopicMissing,
  TopicRemade,
} from './client/errors';
export type { ConsumeOptions, ConsumerOptions, Consumption } from './client/options';
export type { KafkaConnection, KafkaLogin, KafkaMechanism, KafkaTls } from './connection/kafka-connection';
export type {
  Deprecation,
  MappedEvent,
  Publication,
  PublicEvent,
  PublicEventOptions,
  Topic,
} from './contracts/contract';
export { contractName, keyOf, publicEventsOf } from './contracts/contract';
export type { Breach } from './contracts/breaches';
export type { FieldWords } from './contracts/fields';
export { contractFields } from './contracts/fields';
export { ContractBook, PERSONAL, Unmappable } from './contracts/contract-book';
export type { ContractFindings, ContractsIn, StaleFile } from './contracts/contract-folder';
export { checkContracts, writeContracts } from './contracts/contract-folder';
export type { CloudEvent, PublicMessage } from './contracts/public-message';
export { headersOf, publicId, schemaUri, typeOf } from './contracts/public-message';
export { Feed } from './feed/feed';
export type { FeedLog, FeedParts } from './feed/feed';
export { FEED_ACCESS, FeedController } from './feed/feed.controller';
export type { FeedAccess } from './feed/feed.controller';
export { registerFeedMetrics } from './feed/feed-metrics';
export { feedOperation } from './feed/feed-operation';
export type { FeedSettings } from './feed/settings';
export {
  PublicAssumed,
  PublicCustomerId,
  PublicOwnerId,
  PublicRevision,
  oneOfNumbers,
  oneOfWords,
  publicCurrency,
  publicDay,
  publicInstant,
  publicMoney,
  publicUuid,
} from './contracts/shapes';
export { KafkaPublisher, RELAY_TRANSACTIONAL_ID } from './kafka/kafka-publisher';
export type { KafkaPublisherOptions } from './kafka/kafka-publisher';
export { CHECKPOINT_TOPIC } from './kafka/topics';
export { publishingMigrations } from './migrations';
export type { PublishedBatch, RelayObserver } from './relay/observer';
export { PublisherError } from './relay/publisher';
export type { OpenPublisher, ParkedKey, Publisher, RelayState } from './relay/publisher';
export { Relay } from './relay/relay';
export type { RelayEnd, RelayParts, RelayPhase, RelayStatus } from './relay/relay';
export { hasRelayBook, keptRelay, parkedStreams, wantRetry } from './relay/relay-book';
export type { KeptRelay, ParkedStream } from './relay/relay-book';
export { relayLag } from './relay/relay-lag';
export type { RelayLag } from './relay/relay-lag';
export { RelayWorker } from './relay/relay-worker';
export type { RelayWorkerParts } from './relay/relay-worker';
export { replayTo } from './relay/replay';
export type { ReplayOrder, ReplayParts, Replayed } from './relay/replay';
