import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { plusMilliseconds } from '@guanxi/kernel';
import { commandsOfTimer, planOf } from './plan';
import type { TaskEvent } from './testing/tasks';
import { HOUR, reminders } from './testing/tasks';
import { firesAt } from './timer-book';

const KEY = '0b7c3f4e-51c5-4c8e-9a2f-1d4b6a7c8e90';
const EPOCH = '2026-03-02T08:00:00.000Z' as Instant;
const hour = (count: number): Instant => plusMilliseconds(EPOCH, count * HOUR);

/** Facts of one task, learned one after the other; `at` in hours, the hour of learning where not said. */
const history = (...facts: readonly (TaskEvent & { at?: number; learned?: number })[]): RecordedEvent[] =>
  facts.map(({ type, data, learned, at }, revision) => {
    const recorded = learned ?? at ?? revision;
    return {
      ...{ id: `event ${revision}`, type, stream: `task-${KEY}`, revision },
      position: BigInt(revision + 1),
      occurredAt: hour(at ?? recorded),
      recordedAt: hour(recorded),
      data: data as RecordedEvent['data'],
      metadata: { correlationId: 'c', tenant: 'default' } as RecordedEvent['metadata'],
    };
  });

const opened = (dueAt: number): TaskEvent => ({ type: 'task-opened.v1', data: { dueAt: hour(dueAt) } });
const moved = (dueAt: number): TaskEvent => ({ type: 'task-moved.v1', data: { dueAt: hour(dueAt) } });
const noted = (text: string): TaskEvent => ({ type: 'task-noted.v1', data: { text } });
const done: TaskEvent = { type: 'task-done.v1', data: {} };

const planned = (events: readonly RecordedEvent[], answers: (position: bigint) => boolean = () => true) =>
  planOf(reminders, KEY, events, answers);
const timersOf = (events: readonly RecordedEvent[]) =>
  planned(events).timers.map(({ name, dueAt, cause }) => [name, dueAt, cause.id]);

describe('timers of a policy', () => {
  it('are those that the key calls for, each caused by the event since which it has', () => {
    expect(timersOf(history(opened(10), noted('x')))).toEqual([
      ['soon', hour(9), 'event 0'],
      ['due', hour(10), 'event 0'],
    ]);
  });

  it('move with what moves them, and go with what ends them', () => {
    expect(timersOf(history(opened(10), moved(20), noted('x')))).toEqual([
      ['soon', hour(19), 'event 1'],
      ['due', hour(20), 'event 1'],
    ]);
    expect(timersOf(history(opened(10), moved(20), done))).toEqual([]);
  });

  it('follow the order of moments, not that of learning', () => {
    const late = history(
      { ...opened(10), at: 0 },
      { ...moved(30), at: 5 },
      { ...moved(20), at: 3, learned: 6 },
    );
    expect(timersOf(late)).toEqual([
      ['soon', hour(29), 'event 1'],
      ['due', hour(30), 'event 1'],
    ]);
  });

  it('follow an event that is redated', () => {
    const redated: TaskEvent = { type: 'task-redated.v1', data: { redates: { revision: 1, to: hour(9) } } };
    const events = history(
      { ...opened(10), at: 0 },
      { ...moved(20), at: 1 },
      { ...moved(30), at: 2 },
      { ...redated, at: 3 },
    );
    expect(timersOf(events)).toEqual([
      ['soon', hour(19), 'event 3'],
      ['due', hour(20), 'event 3'],
    ]);
  });

  it('must have names of their own', () => {
    const twice = { ...reminders, timers: () => [1, 2].map((at) => ({ name: 'same', dueAt: hour(at) })) };
    expect(() => planOf(twice, KEY, history(opened(10)), () => true)).toThrow('two timers of one name');
  });
});

describe('commands of a policy', () => {
  it('have ids that follow from policy, version, event and place', () => {
    const events = history(opened(10), noted('ping'), noted('nothing'), noted('ping'));
    const first = planned(events).commands;
    expect(first.map(({ cause, data }) => [cause.id, data])).toEqual([
      ['event 1', { name: 'pong' }],
      ['event 3', { name: 'pong' }],
    ]);
    expect(planned(events).commands).toEqual(first);
    expect(new Set(first.map(({ commandKey }) => commandKey)).size).toBe(2);
    const [other] = planOf({ ...reminders, version: 2 }, KEY, events, () => true).commands;
    expect(other?.commandKey).not.toBe(first[0]?.commandKey);
  });

  it('answer only the events that they are to answer', () => {
    const events = history(opened(10), noted('ping'), noted('ping'));
    expect(planned(events, (position) => position > 2n).commands).toHaveLength(1);
  });

  it('of a timer have one id however often it fires, whenever it is due', () => {
    const cause = { id: 'event 0', stream: '', position: 1n, correlationId: 'c', tenant: 'default' };
    const [first] = commandsOfTimer(reminders, KEY, reminders.initial, {
      name: 'due',
      dueAt: hour(1),
      cause,
    });
    const [again] = commandsOfTimer(reminders, KEY, reminders.initial, {
      name: 'due',
      dueAt: hour(2),
      cause,
    });
    expect(first).toMatchObject({ command: 'Remind', id: KEY, data: { name: 'due' } });
    expect(again?.commandKey).toBe(first?.commandKey);
  });

  it('are refused when the policy does not declare them', () => {
    const undeclared = { ...reminders, sends: [] };
    expect(() => planOf(undeclared, KEY, history(opened(10), noted('ping')), () => true)).toThrow(
      'does not declare that it sends Remind',
    );
  });
});

describe('the instant at which a timer fires', () => {
  const cause = { id: 'event 0', stream: '', position: 5n, correlationId: 'c', tenant: 'default' };
  const timer = (dueAt: number, knownSince: number) => ({
    ...{ dueAt: hour(dueAt), knownSince: hour(knownSince), cause },
  });
  const always = { position: 0n, startedAt: null };

  it('is the one at which it is due', () => {
    expect(firesAt(timer(10, 0), always)).toBe(hour(10));
  });

  it('is none for what was over when the policy first ran, but what lay ahead then fires', () => {
    const began = { position: 5n, startedAt: hour(20) };
    expect(firesAt(timer(10, 0), began)).toBeUndefined();
    expect(firesAt(timer(30, 0), began)).toBe(hour(30));
    expect(firesAt(timer(10, 0), { position: 4n, startedAt: hour(20) })).toBe(hour(10));
  });

  it('waits for the rest of a story that is told late, and never comes for what is long over', () => {
    const backdating = { settleMilliseconds: HOUR, forgetMilliseconds: 24 * HOUR };
    expect(firesAt(timer(10, 12), always, backdating)).toBe(hour(13));
    expect(firesAt(timer(10, 34), always, backdating)).toBe(hour(35));
    expect(firesAt(timer(10, 35), always, backdating)).toBeUndefined();
    expect(firesAt(timer(10, 10), always, backdating)).toBe(hour(10));
  });
});
