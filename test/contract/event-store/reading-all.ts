import type { EventStore } from '@guanxi/event-store';
import type { EventFilter } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { PromiseTests } from './kit';
import { everything, someEvent, someMetadata, someStream } from './kit';

async function filtered(
  store: EventStore,
  after: bigint,
  filter: EventFilter,
): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of store.readAll({ after, filter, pageSize: 3 })) events.push(...page);
  return events;
}

/** The log is read in position order, from anywhere, whole or filtered. */
export const readingAll: PromiseTests = (store) => {
  it('reads from behind any position', async () => {
    const stream = someStream();
    const events = Array.from({ length: 20 }, (_, n) => someEvent(n));
    const { position } = await store().append([{ stream, expected: 'new', events }], someMetadata());
    const fifteenth = (await store().readStream(stream, { from: 14, limit: 1 })).at(0)?.position ?? 0n;
    const tail = await everything(store(), fifteenth);
    expect(tail.map(({ data }) => data)).toEqual([15, 16, 17, 18, 19].map((n) => ({ n })));
    expect(await everything(store(), position)).toEqual([]);
  });

  it('filters by type, category and the beginning of a name, over pages without a match', async () => {
    const { position: before } = await store().head();
    for (let n = 0; n < 12; n += 1) {
      const write = {
        stream: someStream(n % 2 === 0 ? 'even' : 'odd'),
        expected: 'new' as const,
        events: [someEvent(n, n % 3 === 0 ? 'third.v1' : 'other.v1')],
      };
      await store().append([write], someMetadata());
    }
    const numbers = async (filter: EventFilter): Promise<unknown[]> =>
      (await filtered(store(), before, filter)).map(({ data }) => (data as { n: number }).n);
    expect(await numbers({ types: ['third.v1'] })).toEqual([0, 3, 6, 9]);
    expect(await numbers({ categories: ['odd'] })).toEqual([1, 3, 5, 7, 9, 11]);
    expect(await numbers({ types: ['third.v1'], categories: ['odd'] })).toEqual([3, 9]);
    expect(await numbers({ types: [] })).toEqual([]);
    expect(await numbers({ prefixes: ['od', 'even-x'] })).toEqual([1, 3, 5, 7, 9, 11]);
    expect(await numbers({ prefixes: ['odd-'], types: ['third.v1'] })).toEqual([3, 9]);
    expect(await numbers({ prefixes: ['%', 'odd_'] })).toEqual([]);
    expect(await numbers({ prefixes: [] })).toEqual([]);
  });
};
