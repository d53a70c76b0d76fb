/** Injects the event store: `@Inject(EVENT_STORE) store: EventStore`. */
export const EVENT_STORE = Symbol('guanxi:event-store');
