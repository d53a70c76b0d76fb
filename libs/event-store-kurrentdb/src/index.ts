export { KurrentEventStore, openKurrent } from './kurrent-event-store';
