import type { EventMetadata } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import { randomUUID } from 'node:crypto';
import { pendingAppend } from './pending-append';
import type { Group, Waiting } from './append-queue';
import { AppendQueue } from './append-queue';

const metadata: EventMetadata = {
  ...{ commandId: 'c', command: 'Note', commandHash: 'h', correlationId: 'c' },
  ...{ actor: 'tester', tenant: 'default', policyVersion: 0 },
};
const nothing = (): void => undefined;

function waiting(streams: readonly string[], size = 10): Waiting {
  const writes = streams.map((stream) => ({
    stream,
    expected: 'any' as const,
    events: [
      {
        ...{ id: randomUUID(), type: 'noted.v1', occurredAt: parseInstant('2026-01-01T00:00:00Z') },
        data: { text: 'x'.repeat(size) },
      },
    ],
  }));
  return { ...pendingAppend(writes, metadata), resolve: nothing, reject: nothing };
}

const namesOf = ({ appends }: Group): string[] =>
  appends.map(({ writes }) => writes.map(({ stream }) => stream).join('+'));

const limits = { groupAppends: 4, groupBytes: 3_000, bytes: 20_000, appendsOfStream: 3 };

it('gives out appends in their order, no stream twice in a group', () => {
  const queue = new AppendQueue(limits);
  for (const streams of [['a'], ['a', 'b'], ['b'], ['c'], ['a'], ['d']]) queue.add(waiting(streams));
  expect(namesOf(queue.take())).toEqual(['a', 'c', 'd']);
  expect(namesOf(queue.take())).toEqual(['a+b']);
  expect(namesOf(queue.take())).toEqual(['b', 'a']);
  expect(queue.length).toBe(0);
});

it('fills a group by number and by bytes; one that is larger than a group goes alone', () => {
  const queue = new AppendQueue(limits);
  for (let n = 0; n < 6; n += 1) queue.add(waiting([`s${n}`]));
  expect(queue.take().appends).toHaveLength(4);
  queue.add(waiting(['large'], 5_000));
  expect(namesOf(queue.take())).toEqual(['s4', 's5']);
  expect(namesOf(queue.take())).toEqual(['large']);
});

it('leaves alone what is under way, and takes no more than it is told', () => {
  const queue = new AppendQueue(limits);
  for (const streams of [['a'], ['b'], ['a'], ['c']]) queue.add(waiting(streams));
  expect(namesOf(queue.take(1, [new Set(['a'])]))).toEqual(['b']);
  expect(namesOf(queue.take(9, [new Set(['a'])]))).toEqual(['c']);
  expect(namesOf(queue.take())).toEqual(['a']);
});

it('turns away one stream before it takes the place of the others', () => {
  const queue = new AppendQueue(limits);
  for (let n = 0; n < 3; n += 1) queue.add(waiting(['hot']));
  expect(() => {
    queue.add(waiting(['cold', 'hot']));
  }).toThrow(expect.objectContaining({ code: 'event-store.overloaded', facts: { stream: 'hot' } }) as Error);
  queue.add(waiting(['cold']));
  expect(namesOf(queue.take())).toEqual(['hot', 'cold']);
  queue.add(waiting(['hot']));
});

it('turns everything away when it is full, and takes on again when there is room', () => {
  const queue = new AppendQueue(limits);
  const add = (): void => {
    queue.add(waiting([randomUUID()], 4_000));
  };
  for (let n = 0; n < 4; n += 1) add();
  expect(add).toThrow(expect.objectContaining({ code: 'event-store.overloaded', facts: {} }) as Error);
  queue.take();
  add();
});

it('takes an append that is larger than the queue when nothing else waits', () => {
  const queue = new AppendQueue(limits);
  queue.add(waiting(['a'], 30_000));
  expect(queue.take().appends).toHaveLength(1);
});
