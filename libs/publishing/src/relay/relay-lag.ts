import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { Pool } from 'pg';
import type { ContractBook } from '../contracts/contract-book';
import type { KeptRelay, ParkedStream } from './relay-book';
import { keptRelay, parkedStreams } from './relay-book';

/** How the relay stands against the log. */
export interface RelayLag {
  /** Undefined where none has ever begun. */
  readonly relay: KeptRelay | undefined;
  /** Where the log ends. */
  readonly head: bigint;
  /** How far the relay is behind it: events, or a distance where positions do not count events. */
  readonly lag: bigint;
  /** Age of the first public event that is not published; 0 where none is left. */
  readonly lagSeconds: number;
  readonly parked: readonly ParkedStream[];
}

/** What the lag is read with. */
export interface LagParts {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly book: ContractBook;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Reads how far the relay has come, as it was last told, and what lies behind it. */
export async function relayLag({ pool, store, registry, book, clock }: LagParts): Promise<RelayLag> {
  const [relay, parked] = await Promise.all([keptRelay(pool), parkedStreams(pool)]);
  // Read last, so that the relay cannot seem to be ahead of it.
  const { position: head } = await store.head();
  const after = relay?.position ?? 0n;
  const lag = head > after ? head - after : 0n;
  let lagSeconds = 0;
  const filter = { types: registry.storedTypes(book.types) };
  if (lag > 0n) {
    for await (const [first] of store.readAll({ after, filter, pageSize: 1 })) {
      if (first) lagSeconds = Math.max(0, (clock() - Date.parse(first.recordedAt)) / 1_000);
      break;
    }
  }
  return { relay, head, lag, lagSeconds, parked };
}
