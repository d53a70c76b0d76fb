import type { EventStore } from '@guanxi/event-store';
import { isUuid } from '@guanxi/kernel';
import type { ParkedStream } from '@guanxi/publishing';
import { hasRelayBook, keptRelay, parkedStreams, wantRetry } from '@guanxi/publishing';
import type { Pool } from 'pg';
import { SILENT_SECONDS } from '../health/relay-metrics';
import { haltedStream } from './halted-stream';
import type { Letter, LetterBox, LetterDetail, LetterFilter, LetterRetried } from './letters';

/** Where they are read. */
export interface RelayLetterParts {
  readonly pool: Pool;
  readonly store: EventStore;
  /** Whether this process knows of brokers. */
  readonly hasBrokers: boolean;
}

const letterOf = ({
  type,
  reason: error,
  ...parked
}: ParkedStream): Letter & { readonly source: 'relay' } => ({
  ...{ source: 'relay', key: parked.stream, ...parked, event: { type }, error },
});

/**
 * Keys that the relay has set aside. It keeps them in Kafka and tells of them in the database, where it is also asked to
 * try them again: so they are known, and can be asked for, where no brokers are.
 */
export class RelayLetters implements LetterBox {
  readonly source = 'relay';

  constructor(private readonly parts: RelayLetterParts) {}

  async note(): Promise<string | undefined> {
    const { pool, hasBrokers } = this.parts;
    if (!(await hasRelayBook(pool)))
      return 'relay: its keys cannot be told, the database is of an older version; "guanxi migrate" brings it up to date';
    const relay = await keptRelay(pool);
    const here = hasBrokers ? '' : ' (KAFKA_BROKERS is not set here)';
    if (relay === undefined) return `relay: nothing was published to Kafka yet${here}`;
    if (relay.silentSeconds < SILENT_SECONDS && relay.phase === 'relaying') return undefined;
    const state = relay.reason === null ? relay.phase : `${relay.phase}: ${relay.reason}`;
    return (
      `relay: it does not publish (${state}, last heard of ${Math.round(relay.silentSeconds)} s ago)${here}; its keys ` +
      'are those of then, and are tried again once it does'
    );
  }

  async list({ key }: LetterFilter): Promise<readonly (Letter & { readonly source: 'relay' })[]> {
    const { pool } = this.parts;
    if (!(await hasRelayBook(pool))) return [];
    const parked = await parkedStreams(pool);
    return parked.filter(({ stream }) => key === undefined || isOf(stream, key)).map(letterOf);
  }

  async show(filter: LetterFilter, withData: boolean): Promise<readonly LetterDetail[]> {
    const found = await this.list(filter);
    return Promise.all(
      found.map(async (letter) => ({
        letter,
        ...(await haltedStream(this.parts.store, letter, withData)),
      })),
    );
  }

  async retry(filter: LetterFilter): Promise<readonly LetterRetried[]> {
    const found = await this.list(filter);
    const retried: LetterRetried[] = [];
    for (const letter of found) {
      // One that was healed meanwhile is gone.
      const isParked = (await wantRetry(this.parts.pool, letter.stream)).length > 0;
      const status = isParked ? 'asked' : 'healed';
      retried.push({ letter: { ...letter, isWanted: isParked }, status });
    }
    return retried;
  }
}

/** A stream is named whole, or by the id in it. */
const isOf = (stream: string, key: string): boolean =>
  stream === key || (isUuid(key) && stream.endsWith(`-${key.toLowerCase()}`));
