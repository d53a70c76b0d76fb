import type { EventStore } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';

/** So many of the last positions are looked at in one go, before types are sought one by one. */
const LAST_POSITIONS = 1_000n;

/**
 * The newest event of each type. What the last page of the log does not hold is sought by halving the log, so that
 * each type costs some twenty reads of one event, however long the log is.
 * @param signal ends the search early; what was found until then is returned
 */
export async function newestEvents(
  store: EventStore,
  types: readonly string[],
  signal: AbortSignal,
): Promise<readonly RecordedEvent[]> {
  const { position: head } = await store.head();
  const found = new Map<string, RecordedEvent>();
  const after = head > LAST_POSITIONS ? head - LAST_POSITIONS : 0n;
  for await (const events of store.readAll({ after, filter: { types } })) {
    for (const event of events) found.set(event.type, event);
  }
  for (const type of types) {
    if (signal.aborted || after === 0n) break;
    if (found.has(type)) continue;
    const newest = await newestOf(store, type, after);
    if (newest) found.set(type, newest);
  }
  return [...found.values()];
}

/** The newest event of a type at or before a position. */
async function newestOf(store: EventStore, type: string, upTo: bigint): Promise<RecordedEvent | undefined> {
  let newest = await firstOf(store, type, 0n);
  if (!newest) return undefined;
  let end = upTo;
  while (newest.position < end) {
    const middle: bigint = (newest.position + end) / 2n;
    const next: RecordedEvent | undefined = await firstOf(store, type, middle);
    if (next && next.position <= upTo) newest = next;
    else end = middle;
  }
  return newest;
}

async function firstOf(store: EventStore, type: string, after: bigint): Promise<RecordedEvent | undefined> {
  for await (const [first] of store.readAll({ after, filter: { types: [type] }, pageSize: 1 })) return first;
  return undefined;
}
