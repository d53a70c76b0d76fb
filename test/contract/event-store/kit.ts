import { randomUUID } from 'node:crypto';
import type { EventStore, NewEvent } from '@guanxi/event-store';
import type { EventMetadata, Instant, RecordedEvent } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';

/** A store under test: opened empty for each test, closed after it. */
export interface StoreUnderTest {
  readonly name: string;
  /** Whether positions count 1, 2, 3 …, or only rise. */
  readonly positions: 'without-gaps' | 'rising';
  /** False for a store, or a server of it, that cannot write to several streams at once: it must say so. */
  readonly severalStreams: boolean;
  open(): Promise<{ readonly store: EventStore; close(): Promise<void> }>;
}

/** A promise of the port: a group of tests, run over each store. */
export type PromiseTests = (store: () => EventStore, under: StoreUnderTest) => void;

export const at = (text: string): Instant => parseInstant(text);

/** Metadata of some command. */
export function someMetadata(commandId: string = randomUUID()): EventMetadata {
  return {
    commandId,
    command: 'Test',
    commandHash: 'hash',
    correlationId: commandId,
    actor: 'tester',
    tenant: 'default',
    policyVersion: 0,
  };
}

/** Holds that positions rise, and that they have no gaps where the store promises none. */
export function expectRising(
  { positions: promise }: StoreUnderTest,
  positions: readonly bigint[],
  before: bigint,
): void {
  positions.forEach((position, index) => {
    const previous = positions[index - 1] ?? before;
    if (promise === 'without-gaps') expect(position).toBe(previous + 1n);
    else expect(position > previous).toBe(true);
  });
}

/** An event of some type whose data tells it from others. */
export function someEvent(n: number, type = 'something-happened.v1'): NewEvent {
  return { id: randomUUID(), type, occurredAt: at('2026-01-01T00:00:00Z'), data: { n } };
}

/** A stream name that no other test uses. */
export const someStream = (category = 'thing'): string => `${category}-${randomUUID()}`;

/** Appends events numbered from `from` to a stream, one append each. */
export async function appendOneByOne(
  store: EventStore,
  stream: string,
  count: number,
  from = 0,
): Promise<void> {
  for (let n = from; n < from + count; n += 1) {
    await store.append(
      [{ stream, expected: n === 0 ? 'new' : n - 1, events: [someEvent(n)] }],
      someMetadata(),
    );
  }
}

/** All events behind a position. */
export async function everything(store: EventStore, after = 0n): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of store.readAll({ after, pageSize: 7 })) events.push(...page);
  return events;
}
