export type { MappedEvent, Publication, PublicEvent, PublicEventOptions, Topic } from './contracts/contract';
export { contractName, publicEventsOf } from './contracts/contract';
export { ContractBook, PERSONAL, Unmappable } from './contracts/contract-book';
export type { CloudEvent, PublicMessage } from './contracts/public-message';
export { headersOf, schemaUri, typeOf } from './contracts/public-message';
export { PublicDay, PublicId, PublicInstant, PublicMoney, oneOfWords } from './contracts/shapes';
