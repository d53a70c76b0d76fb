import { Deciders, EventRegistry } from '@guanxi/event-store';
import type { EventStore } from '@guanxi/event-store';
import { derivedId } from '@guanxi/event-store';
import type { CommandMeta, Decider, Happened, Instant } from '@guanxi/kernel';
import { conflict, event, idOf, instantOf, plusMilliseconds } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';
import type { Policy } from '../policy';
import type { SendCommand } from '../sender';

/** Tasks with reminders, for tests of the engine: small, with every kind of event that it treats in its own way. */
export type TaskEvent =
  | { readonly type: 'task-opened.v1'; readonly data: { readonly dueAt: Instant } }
  | { readonly type: 'task-moved.v1'; readonly data: { readonly dueAt: Instant } }
  | { readonly type: 'task-done.v1'; readonly data: object }
  | { readonly type: 'task-noted.v1'; readonly data: { readonly text: string } }
  | {
      readonly type: 'task-redated.v1';
      readonly data: { readonly redates: { readonly revision: number; readonly to: Instant } };
    }
  | { readonly type: 'task-reminded.v1'; readonly data: { readonly name: string } };

export interface Task {
  readonly dueAt?: Instant;
  readonly isDone: boolean;
  readonly reminded: number;
}

const types = [
  ...['task-opened.v1', 'task-moved.v1', 'task-done.v1'],
  ...['task-noted.v1', 'task-redated.v1', 'task-reminded.v1'],
];

export const taskRegistry = new EventRegistry(types.map((type) => event(type, Type.Any())));

export const HOUR = 3_600_000;

/** What makes the policy throw; a test that mends the code takes it away. */
export const poison = { text: 'poison' };

/** A reminder when a task is due, and one an hour before; an answer to each note that says `ping`. */
export const reminders: Policy<Task, TaskEvent> = {
  name: 'task_reminders',
  version: 1,
  types,
  keyOf: ({ stream }) => idOf(stream),
  sends: ['Remind'],
  from: 'now',
  initial: { isDone: false, reminded: 0 },
  evolve: (task, happened) => evolve(task, happened),
  timers: ({ dueAt, isDone }) =>
    dueAt === undefined || isDone
      ? []
      : [
          { name: 'soon', dueAt: plusMilliseconds(dueAt, -HOUR) },
          { name: 'due', dueAt },
        ],
  onTimer: (_task, { name }, key) => [{ command: 'Remind', id: key, data: { name } }],
  onEvent: ({ event: { type, data }, key }) =>
    type === 'task-noted.v1' && data.text === 'ping'
      ? [{ command: 'Remind', id: key, data: { name: 'pong' } }]
      : [],
};

function evolve(task: Task, { type, data }: Happened<TaskEvent>): Task {
  switch (type) {
    case 'task-opened.v1':
    case 'task-moved.v1':
      return { ...task, dueAt: data.dueAt };
    case 'task-done.v1':
      return { ...task, isDone: true };
    case 'task-reminded.v1':
      return { ...task, reminded: task.reminded + 1 };
    case 'task-noted.v1':
      if (data.text === poison.text) throw new Error('this note cannot be taken in');
      return task;
    case 'task-redated.v1':
      return task;
  }
}

const taskDecider: Decider<Task, TaskEvent> = { initial: reminders.initial, evolve };

/** Sends reminders to tasks as the product sends commands: decided on, and answered once an idempotency key. */
export function taskSender(store: EventStore): SendCommand {
  const deciders = new Deciders(store, taskRegistry);
  return async ({ commandKey, command, target, data, actor, tenant, correlationId, causationId }) => {
    const now = instantOf(new Date());
    const meta: CommandMeta = {
      ...{ command, actor, tenant, correlationId, causationId, at: now, now },
      commandId: derivedId('command', tenant, commandKey),
      commandHash: JSON.stringify([command, target, data]),
      isRepeatable: true,
    };
    const { name } = data as { readonly name: string };
    await deciders.transact(
      `task-${target ?? ''}`,
      taskDecider,
      (task) => {
        if (task.isDone) throw conflict('task.done', 'nobody is reminded of what is done');
        return [{ type: 'task-reminded.v1' as const, data: { name } }];
      },
      meta,
      { mayPredate: true },
    );
  };
}
