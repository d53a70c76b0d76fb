export { Deciders } from './deciders';
export type { DecidedEvent, DecisionAcross, StreamPart, TransactOptions } from './deciders';
export type { Outcome } from './outcome';
export { StreamCache } from './stream-cache';
export { commandUnchanged } from './unchanged-commands';
export { WrongExpectedRevision, overloaded, refusedWrite, unavailable } from './errors';
export { EventRegistry } from './event-registry';
export { isAsExpected, isRepeatable } from './expected-revision';
export { derivedId, newId } from './ids';
export { LIMITS, checkWrites, deserialise, serialise, serialiseAll } from './limits';
export { MemoryEventStore } from './memory-event-store';
export { DEFAULT_PAGE_SIZE } from './port';
export type {
  Appended,
  AppendedStream,
  EventFilter,
  EventStore,
  ExpectedRevision,
  Head,
  NewEvent,
  ReadAllOptions,
  StreamWrite,
  SubscriptionMessage,
} from './port';
export type { RawEvents, RawRange } from './raw-events';
export { follow, pages } from './subscription';
export type { Page } from './subscription';
export { Wakeup } from './wakeup';
