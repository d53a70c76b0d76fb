import type { EventStore } from '@guanxi/event-store';
import { EventRegistry, newId } from '@guanxi/event-store';
import type { EventMetadata } from '@guanxi/kernel';
import { instantOf, retiredEvent, event } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';
import { ContractBook } from '../../contracts/contract-book';
import type { Publication, Topic } from '../../contracts/contract';
import { publicEventsOf } from '../../contracts/contract';

/** A small world for tests of what publishes: things that are counted, some of which cannot be told. */
const counted = event('thing-counted.v2', Type.Object({ count: Type.Integer(), text: Type.String() }));
const countedBefore = retiredEvent('thing-counted.v1', Type.Object({ count: Type.Integer() }), {
  to: 'thing-counted.v2',
  data: ({ count }) => ({ count, text: '' }),
});
const hidden = event('thing-hidden.v1', Type.Object({}));

type Stored = {
  readonly type: 'thing-counted.v2';
  readonly data: { readonly count: number; readonly text: string };
};

export const registry = new EventRegistry([counted, countedBefore, hidden]);

/** What a book of things is made with. */
export interface ThingsOptions {
  readonly topic?: string;
  readonly partitions?: number;
  /** Whether a count can be told. */
  readonly isTold?: (count: number, stream: string) => boolean;
}

export const topicOf = ({ topic = 'guanxi.things', partitions = 3 }: ThingsOptions): Topic => ({
  ...{ name: topic, title: 'Things', description: 'Things.', partitions, retentionDays: 7 },
});

/** The contracts of things. */
export function thingsBook(options: ThingsOptions = {}): ContractBook {
  const { isTold = () => true } = options;
  const publication: Publication = {
    topic: topicOf(options),
    events: [
      publicEventsOf<Stored>('thing')('thing-counted.v2', {
        summary: 'A thing was counted.',
        schema: Type.Object({ count: Type.Integer(), text: Type.String() }),
        map: ({ data: { count, text }, stream }) => {
          if (!isTold(count, stream)) throw new TypeError('cannot be told');
          return { count, text };
        },
      }),
    ],
  };
  return new ContractBook([publication], '/guanxi/test');
}

const metadata: EventMetadata = {
  ...{ commandId: newId(), command: 'CountThing', commandHash: 'h', correlationId: newId() },
  ...{ actor: 'test', tenant: 'default', policyVersion: 0 },
};

export const streamOf = (thing: number): string =>
  `thing-00000000-0000-4000-8000-${String(thing).padStart(12, '0')}`;

/** Appends one event to each of some streams, in their order. */
export async function count(
  store: EventStore,
  counts: readonly {
    readonly thing: number;
    readonly count: number;
    readonly type?: string;
    readonly text?: string;
  }[],
): Promise<void> {
  const at = instantOf(new Date('2026-01-01T00:00:00Z'));
  for (let start = 0; start < counts.length; start += 500) {
    const byStream = new Map<string, { id: string; type: string; occurredAt: typeof at; data: object }[]>();
    for (const { thing, count: value, type = 'thing-counted.v2', text = '' } of counts.slice(
      start,
      start + 500,
    )) {
      const data =
        type === 'thing-hidden.v1' ? {} : type.endsWith('.v1') ? { count: value } : { count: value, text };
      const own = byStream.get(streamOf(thing)) ?? [];
      own.push({ id: newId(), type, occurredAt: at, data });
      byStream.set(streamOf(thing), own);
    }
    const writes = [...byStream].map(([stream, events]) => ({
      ...{ stream, expected: 'any' as const },
      events: events.map(({ data, ...rest }) => ({ ...rest, data: { ...data } })),
    }));
    await store.append(writes, metadata);
  }
}
