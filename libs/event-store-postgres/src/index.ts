export type { AppendObserver, WrittenGroup } from './observer';
export type { StoreFault, StoreFaultKind, Verified } from './inspection/faults';
export { StoreInspection } from './inspection/store-inspection';
export type { StoreStats, VerifyOptions } from './inspection/store-inspection';
export { countEvents } from './count-events';
export type { EventSpans } from './count-events';
export { CopiedEvents } from './copied-events';
export { eventStoreMigrations } from './migrations';
export { PostgresEventStore } from './postgres-event-store';
