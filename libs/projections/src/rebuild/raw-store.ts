import type { EventStore, RawEvents, RawRange } from '@guanxi/event-store';
import { RawWriter } from './raw-event-codec';

const PAGE_SIZE = 2_000;

/** The log of any store in bulk: its events are read as ever, and encoded as a bulk copy would have them. */
export class RawStore implements RawEvents {
  constructor(private readonly store: Pick<EventStore, 'readAll'>) {}

  async *copy({ after, upTo, types }: RawRange): AsyncIterable<Buffer> {
    const writer = new RawWriter();
    yield RawWriter.header();
    const filter = types === undefined ? {} : { filter: { types } };
    for await (const page of this.store.readAll({ after, pageSize: PAGE_SIZE, ...filter })) {
      const wanted = page.filter(({ position }) => position <= upTo);
      if (wanted.length > 0) yield writer.rows(wanted);
      if (wanted.length < page.length) return;
    }
  }
}
