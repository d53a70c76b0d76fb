export { consume } from './client/consume';
export type { ConsumeIntoOptions } from './client/consume-into';
export { consumeInto } from './client/consume-into';
export type { Place } from './client/errors';
export {
  EventsGone,
  HandlingFailed,
  KafkaUnreachable,
  NotACloudEvent,
  TopicMissing,
  TopicRemade,
} from './client/errors';
export type { ConsumeOptions, ConsumerOptions, Consumption, KafkaLogin } from './client/options';
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
export { ContractBook, PERSONAL, Unmappable } from './contracts/contract-book';
export type { ContractFindings, ContractsIn, StaleFile } from './contracts/contract-folder';
export { checkContracts, writeContracts } from './contracts/contract-folder';
export type { CloudEvent, PublicMessage } from './contracts/public-message';
export { headersOf, schemaUri, typeOf } from './contracts/public-message';
export { Feed } from './feed/feed';
export type { FeedLog, FeedParts } from './feed/feed';
export { FEED_ACCESS, FeedController } from './feed/feed.controller';
export type { FeedAccess } from './feed/feed.controller';
export { registerFeedMetrics } from './feed/feed-metrics';
export { feedOperation } from './feed/feed-operation';
export type { FeedSettings } from './feed/settings';
export {
  PublicAssumed,
  PublicCurrency,
  PublicDay,
  PublicId,
  PublicInstant,
  PublicMoney,
  oneOfNumbers,
  oneOfWords,
} from './contracts/shapes';
