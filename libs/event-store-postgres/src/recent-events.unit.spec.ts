import type { Appended } from '@guanxi/event-store';
import type { EventMetadata, Instant } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import { randomUUID } from 'node:crypto';
import { pendingAppend } from './pending-append';
import { RecentEvents } from './recent-events';

const at = parseInstant('2026-01-01T00:00:00Z');
const metadata: EventMetadata = {
  ...{ commandId: 'c', command: 'Note', commandHash: 'h', correlationId: 'c' },
  ...{ actor: 'tester', tenant: 'default', policyVersion: 0 },
};

/** Appends `counts` events to streams of their own, so that the last of all lies at `position`. */
function add(recent: RecentEvents, position: bigint, counts: readonly number[], note = 'x'): void {
  const writes = counts.map((count, index) => ({
    stream: `s-${String(index)}`,
    expected: 'any' as const,
    events: Array.from({ length: count }, () => ({
      ...{ id: randomUUID(), type: 'noted.v1', occurredAt: at, data: { note } },
    })),
  }));
  const appended: Appended = {
    position,
    recordedAt: at,
    streams: counts.map((count, index) => ({ stream: `s-${String(index)}`, revision: 9 + count })),
    repeated: false,
  };
  recent.add(pendingAppend(writes, metadata), appended);
}

/** What is kept where somebody follows. */
function followed(most?: number): RecentEvents {
  const recent = new RecentEvents(most);
  recent.behind(0n, 1);
  return recent;
}

const positions = (recent: RecentEvents, after: bigint, limit = 100): bigint[] =>
  recent.behind(after, limit).map(({ position }) => position);

it('answers from behind a position, whole events in order', () => {
  const recent = followed();
  add(recent, 3n, [1, 2]);
  add(recent, 4n, [1]);
  expect(recent.behind(0n, 3)).toMatchObject([
    { position: 1n, stream: 's-0', revision: 10, data: { note: 'x' }, metadata },
    { position: 2n, stream: 's-1', revision: 10 },
    { position: 3n, stream: 's-1', revision: 11 },
  ]);
  expect(positions(recent, 3n)).toEqual([4n]);
  expect(positions(recent, 4n)).toEqual([]);
});

it('answers nothing where another process wrote in between', () => {
  const recent = followed();
  add(recent, 2n, [2]);
  add(recent, 5n, [1]);
  expect(positions(recent, 0n)).toEqual([1n, 2n]);
  expect(positions(recent, 2n)).toEqual([]);
  expect(positions(recent, 3n)).toEqual([]);
});

it('puts groups in order that were told of in another', () => {
  const recent = followed();
  add(recent, 1n, [1]);
  add(recent, 6n, [1, 1]);
  add(recent, 8n, [2]);
  expect(positions(recent, 0n)).toEqual([1n]);
  expect(positions(recent, 4n)).toEqual([]);
  add(recent, 4n, [3]);
  expect(positions(recent, 0n)).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
});

it('begins anew when what is missing never comes', () => {
  const recent = followed();
  add(recent, 1n, [1]);
  for (let position = 10n; position < 400n; position += 1n) add(recent, position, [1]);
  expect(positions(recent, 0n)).toEqual([]);
  expect(positions(recent, 398n)).toEqual([399n]);
});

it('keeps no more than it may, and never a gap', () => {
  const recent = followed(20_000);
  for (let position = 1n; position <= 200n; position += 1n) {
    add(recent, position, [1], 'x'.repeat(400));
    recent.behind(position, 1);
  }
  const kept = [...Array(200).keys()].map(BigInt).filter((after) => positions(recent, after, 1).length > 0);
  expect(kept.length).toBeGreaterThan(10);
  expect(kept.length).toBeLessThan(21);
  expect(positions(recent, kept[0] ?? 0n)).toEqual(kept.map((after) => after + 1n));
  expect(kept.at(-1)).toBe(199n);
});

it('gives each reader data of its own', () => {
  const recent = followed();
  add(recent, 1n, [1]);
  const [first] = recent.behind(0n, 1);
  const [second] = recent.behind(0n, 1);
  expect(first?.data).toEqual(second?.data);
  expect(first?.data).not.toBe(second?.data);
});

it('answers what is stored, whatever the writer does with what it handed over', () => {
  const recent = followed();
  const handed = { ...metadata, causationId: undefined };
  const id = randomUUID();
  const occurredAt = '2026-01-01T08:00:00+08:00' as Instant;
  const events = [{ id: id.toUpperCase(), type: 'noted.v1', occurredAt, data: {} }];
  const pending = pendingAppend([{ stream: 's-0', expected: 'any', events }], handed);
  recent.add(pending, {
    ...{ position: 1n, recordedAt: at, repeated: false },
    streams: [{ stream: 's-0', revision: 0 }],
  });
  handed.actor = 'somebody else';
  const [event] = recent.behind(0n, 1);
  expect(event).toMatchObject({ id, occurredAt: at });
  expect(event?.metadata).toStrictEqual(metadata);
});

it('keeps nothing while nobody asks', () => {
  const recent = new RecentEvents(10_000);
  add(recent, 1n, [1]);
  expect(positions(recent, 0n)).toEqual([]);
  add(recent, 2n, [1]);
  expect(positions(recent, 1n)).toEqual([2n]);
  for (let position = 3n; position < 6n; position += 1n) add(recent, position, [1], 'x'.repeat(5_000));
  expect(positions(recent, 4n)).toEqual([]);
  add(recent, 6n, [1]);
  expect(positions(recent, 5n)).toEqual([6n]);
});
