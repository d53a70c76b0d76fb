export type {
  Deprecation,
  MappedEvent,
  Publication,
  PublicEvent,
  PublicEventOptions,
  Topic,
} from './contracts/contract';
export { contractName, keyOf, publicEventsOf } from './contracts/contract';
export { ContractBook, PERSONAL, Unmappable } from './contracts/contract-book';
export type { CloudEvent, PublicMessage } from './contracts/public-message';
export { headersOf, schemaUri, typeOf } from './contracts/public-message';
export { PublicDay, PublicId, PublicInstant, PublicMoney, oneOfWords } from './contracts/shapes';
