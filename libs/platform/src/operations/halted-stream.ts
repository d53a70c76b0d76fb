import type { EventStore } from '@guanxi/event-store';
import type { ListedEvent } from '@guanxi/projections';
import { listedEvent } from '@guanxi/projections';

const LISTED_BEHIND = 100;

/** The event at a position of a stream, and the first of those behind it, as they are stored. */
export async function haltedStream(
  store: Pick<EventStore, 'readStream'>,
  { stream, position }: { readonly stream: string; readonly position: string },
  withData: boolean,
): Promise<{ readonly halted?: ListedEvent; readonly behind: readonly ListedEvent[] }> {
  const events = await store.readStream(stream);
  const halted = events.find((event) => String(event.position) === position);
  const behind = events.filter((event) => event.position > BigInt(position)).slice(0, LISTED_BEHIND);
  return {
    ...(halted && { halted: listedEvent(halted, withData) }),
    behind: behind.map((event) => listedEvent(event, withData)),
  };
}
