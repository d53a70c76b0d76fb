import type { Instant } from './instant';

/**
 * The data of an event that moves an earlier event of its own stream to another moment carries `redates`.
 * From its position on the earlier event counts as having happened at `to`.
 */
export interface Redating {
  readonly redates: { readonly revision: number; readonly to: Instant };
}

/** What a timeline needs to know of an event. */
export interface TimedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly occurredAt: Instant;
  readonly data: unknown;
}

/** An event with the moment at which it counts, after all redatings that are known. */
export interface Placed<E> {
  readonly event: E;
  readonly at: Instant;
}

/** The redating that an event's data carries, if any. */
export function redatingOf(data: unknown): Redating['redates'] | undefined {
  return carriesRedating(data) ? data.redates : undefined;
}

const carriesRedating = (data: unknown): data is Redating =>
  typeof data === 'object' && data !== null && 'redates' in data && data.redates !== undefined;

/**
 * Puts events into the order in which they were true: by the moment at which each counts, and among events of
 * one moment by position. This order, not the order of arrival, is what states and read models fold over; it is
 * the whole rule of how late facts and corrections take effect.
 * @param events events in position order; which ones are known decides what is true
 */
export function timeline<E extends TimedEvent>(events: readonly E[]): readonly Placed<E>[] {
  const moved = new Map<string, Instant>();
  for (const { stream, data } of events) {
    const redating = redatingOf(data);
    if (redating) moved.set(`${stream} ${redating.revision}`, redating.to);
  }
  const placed = events.map((event) => ({
    event,
    at: (moved.size > 0 ? moved.get(`${event.stream} ${event.revision}`) : undefined) ?? event.occurredAt,
  }));
  return inOrder(placed) ? placed : placed.sort(byMomentThenPosition);
}

function inOrder<E extends TimedEvent>(placed: readonly Placed<E>[]): boolean {
  return placed.every((entry, index) => {
    const before = placed[index - 1];
    return before === undefined || before.at <= entry.at;
  });
}

function byMomentThenPosition<E extends TimedEvent>(a: Placed<E>, b: Placed<E>): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  return a.event.position < b.event.position ? -1 : 1;
}
