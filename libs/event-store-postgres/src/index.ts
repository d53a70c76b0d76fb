export { eventStoreMigrations } from './migrations';
export { PostgresEventStore } from './postgres-event-store';
