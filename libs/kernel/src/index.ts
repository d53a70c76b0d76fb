export { DomainError, conflict, invalid, invalidField, notFound } from './errors';
export type { ErrorKind, FieldError } from './errors';
export { categoryOf, event, idOf, retiredEvent } from './events';
export type { EventContract, EventMetadata, EventOf, Happened, JsonObject, RecordedEvent } from './events';
export type { CommandMeta, Decider, Decision } from './decisions';
export {
  dayExists,
  instantOf,
  isInstant,
  millisecondsBetween,
  parseInstant,
  plusMilliseconds,
} from './instant';
export type { Instant } from './instant';
export { isCurrency, isMoney, minorUnits, money, sumMoney } from './money';
export type { Money } from './money';
export { redatingOf, timeline } from './timeline';
export type { Placed, Redating, TimedEvent } from './timeline';
export { isUuid } from './uuid';
