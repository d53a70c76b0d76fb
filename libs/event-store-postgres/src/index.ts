export { EventStoreSchema1763800000000 } from './migration';
export { PostgresEventStore } from './postgres-event-store';
