import type { EventStore } from '@guanxi/event-store';
import type { Head } from './lane';
import type { Outgoing, Wanted } from './wanted';

/** A place in the stream of a key. */
export type Place = Pick<Head, 'revision' | 'part' | 'position'>;

const PAGE = 20;

/** What of a key's own stream is told: what was left there while the key waited. */
export class KeyStream {
  constructor(
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly wanted: Pick<Wanted, 'messagesOf'>,
  ) {}

  /** The first message of a key at a place in its stream or behind it, as far as a position of the log. */
  async first(
    key: string,
    { revision, part }: Pick<Place, 'revision' | 'part'>,
    most: bigint,
  ): Promise<Outgoing | undefined> {
    for (let from = revision; ; from += PAGE) {
      const events = await this.store.readStream(key, { from, limit: PAGE });
      for (const event of events) {
        if (event.position > most) return undefined;
        const found = this.wanted
          .messagesOf(event)
          .find((message) => message.revision > revision || message.part >= part);
        if (found) return found;
      }
      if (events.length < PAGE) return undefined;
    }
  }
}
