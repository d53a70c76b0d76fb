import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { overloaded } from '@guanxi/event-store';
import type { Instant } from '@guanxi/kernel';
import { idOf, plusMilliseconds } from '@guanxi/kernel';
import type { FiredTimer } from './observer';
import { PolicyFollower } from './policy-follower';
import type { PolicyRunner } from './runner';
import type { Hangs } from './testing/child-worker';
import type { Running } from './testing/running';
import { START, running, until } from './testing/running';
import type { TaskEvent } from './testing/tasks';
import { HOUR, poison, reminders, taskRegistry, taskSender } from './testing/tasks';

const DAY = 24 * HOUR;
const after = (milliseconds: number): Instant => plusMilliseconds(START as Instant, milliseconds);
const opened = (dueAt: Instant): TaskEvent => ({ type: 'task-opened.v1', data: { dueAt } });
const noted = (text: string): TaskEvent => ({ type: 'task-noted.v1', data: { text } });
const done: TaskEvent = { type: 'task-done.v1', data: {} };

let world: Running;
const workers: PolicyRunner[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  world = await running();
});

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  for (const worker of workers.splice(0)) await worker.stop();
  await world.close();
});

const begin = async (...options: Parameters<Running['worker']>): Promise<PolicyRunner> => {
  const worker = world.worker(...options);
  workers.push(worker);
  await worker.start();
  return worker;
};

const end = async (worker: PolicyRunner): Promise<void> => {
  workers.splice(workers.indexOf(worker), 1);
  await worker.stop();
};

const beginChild = (hangs: Hangs): ChildProcess => {
  const script = join(__dirname, 'testing/child-worker.cjs');
  const child = spawn(process.execPath, [script, world.url, hangs], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
};

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

const count = async (sql: string): Promise<number> => {
  const { rows } = await world.pool.query<{ count: number }>(`select count(*)::integer as count from ${sql}`);
  return rows[0]?.count ?? -1;
};

const remindedTimes = async (): Promise<number> => (await world.reminded()).length;
const takenIn = (position: bigint): Promise<void> =>
  until(
    async () =>
      (await count(`ops.checkpoints where generation like 'policy%' and position < ${position}`)) === 0,
  );
/** Everything that is due has fired, and all commands are sent. */
const settled = (fired: number): Promise<void> =>
  until(async () => (await count('ops.timers where fired_at is not null')) === fired && (await idle()));
const idle = async (): Promise<boolean> => (await count('ops.outbox')) === 0;

/** Opens tasks that are due one minute after the other, the first after an hour and a half. */
async function openTasks(howMany: number): Promise<readonly string[]> {
  const ids = Array.from({ length: howMany }, () => randomUUID());
  for (const [index, id] of ids.entries()) await world.tell(id, [opened(after(1.5 * HOUR + index * 60_000))]);
  return ids;
}

/** Each task was reminded of each of its two timers once. */
async function expectEachOnce(ids: readonly string[]): Promise<void> {
  const seen = (await world.reminded()).map(({ stream, data }) => `${idOf(stream)} ${String(data['name'])}`);
  expect(seen.sort()).toEqual(ids.flatMap((id) => [`${id} due`, `${id} soon`]).sort());
}

/** Within each shard timers fired in the order in which they were due. */
async function expectInOrder(): Promise<void> {
  const { rows } = await world.pool.query<{ outOfOrder: number }>(
    `select count(*)::integer as "outOfOrder" from (
       select due_at < lag(due_at) over (partition by shard order by fired_number) as earlier from ops.timers) as t
      where earlier`,
  );
  expect(rows).toEqual([{ outOfOrder: 0 }]);
}

describe('timers', () => {
  it('fire at their instant and not before, and are cancelled by what ends them', async () => {
    await begin();
    const [kept = '', dropped = ''] = await openTasks(2);
    await takenIn(await world.tell(dropped, [done]));
    expect(await count('ops.timers')).toBe(2);
    await world.clock.set(after(HOUR));
    await settled(1);
    expect((await world.reminded()).map(({ stream, data }) => [idOf(stream), data])).toEqual([
      [kept, { name: 'soon' }],
    ]);
    await world.clock.set(after(3 * HOUR));
    await settled(2);
    await expectEachOnce([kept]);
  });

  it('move with a correction of the past, as the order of moments has it', async () => {
    await begin();
    const id = randomUUID();
    await world.tell(id, [opened(after(10 * HOUR))]);
    await world.tell(id, [{ type: 'task-moved.v1', data: { dueAt: after(30 * HOUR) } }], after(2 * HOUR));
    // Learned last, but it happened before the other move, which goes on counting.
    const late = await world.tell(
      id,
      [{ type: 'task-moved.v1', data: { dueAt: after(20 * HOUR) } }],
      after(HOUR),
    );
    await takenIn(late);
    const due = async () =>
      (await world.pool.query<{ due: Date }>(`select due_at as due from ops.timers where name = 'due'`)).rows;
    expect(await due()).toEqual([{ due: new Date(after(30 * HOUR)) }]);
    const correction = { redates: { revision: 1, to: after(HOUR / 2) } };
    await takenIn(await world.tell(id, [{ type: 'task-redated.v1', data: correction }], after(3 * HOUR)));
    expect(await due()).toEqual([{ due: new Date(after(20 * HOUR)) }]);
  });

  it('a thousand fire once each and in order with two workers', async () => {
    await begin();
    await begin();
    const ids = await openTasks(500);
    await takenIn((await world.store.head()).position);
    for (let step = 1; step <= 5; step += 1) await world.clock.set(after(step * 2.2 * HOUR));
    await settled(1_000);
    await expectEachOnce(ids);
    await expectInOrder();
  });

  it('fire in order and are marked late after an outage of days, which what happened meanwhile has a say in', async () => {
    const first = await begin();
    const ids = await openTasks(50);
    await takenIn((await world.store.head()).position);
    await end(first);
    const [finished = '', ...others] = ids;
    await world.tell(finished, [done]);
    await world.clock.set(after(3 * DAY));
    const fired: FiredTimer[] = [];
    await begin({ observer: { fired: (timers) => fired.push(...timers), sent: () => undefined } });
    await settled(98);
    await expectEachOnce(others);
    await expectInOrder();
    expect(fired).toHaveLength(98);
    for (const { dueAt, lateByMilliseconds } of fired)
      expect(plusMilliseconds(dueAt, lateByMilliseconds)).toBe(after(3 * DAY));
    expect(world.log.join()).toContain('fired late');
  });

  it('wait when the clock is set back, and none fires twice', async () => {
    await begin();
    const [id = ''] = await openTasks(1);
    await world.clock.set(after(HOUR));
    await settled(1);
    await world.clock.set(after(-DAY));
    await takenIn(await world.tell(id, [noted('nothing')]));
    await world.clock.set(after(HOUR));
    await takenIn(await world.tell(id, [noted('nothing')]));
    await world.clock.set(after(2 * HOUR));
    await settled(2);
    await expectEachOnce([id]);
  });
});

describe('a worker that is killed', () => {
  it.each<Hangs>(['before', 'after'])(
    '%s sending is followed by one that sends the rest, nothing twice',
    async (when) => {
      const child = beginChild(when);
      await until(async () => (await count('ops.checkpoints where holder is not null')) === 4);
      const ids = await openTasks(100);
      await takenIn((await world.store.head()).position);
      await world.clock.set(after(DAY));
      const { stdout } = child;
      if (!stdout) throw new Error('the child has no stdout');
      await once(stdout, 'data');
      await kill(child);
      expect(await count('ops.outbox')).toBeGreaterThan(0);
      await begin();
      await settled(200);
      await expectEachOnce(ids);
      await expectInOrder();
    },
  );
});

describe('a worker whose shards were taken over', () => {
  it('cannot fire: the token is held against it in the transaction', async () => {
    const worker = await begin();
    const [id = ''] = await openTasks(1);
    await takenIn((await world.store.head()).position);
    const { rows } = await world.pool.query<{
      shard: number;
      token: string;
      position: string;
      holder: string;
    }>('select shard, token::text, position::text, holder from ops.checkpoints order by shard');
    await end(worker);
    await world.clock.set(after(DAY));
    const stale = new PolicyFollower(
      {
        ...{
          pool: world.pool,
          store: world.store,
          registry: taskRegistry,
          clock: world.clock,
          begin: 'begin',
        },
        warn: () => undefined,
        onCommands: () => undefined,
      },
      reminders,
      'policy_task_reminders_v1',
      rows.map(({ shard, token, position, holder }) => ({
        ...{ generation: 'policy_task_reminders_v1', shard, shards: 4, holder },
        ...{ token: BigInt(token), position: BigInt(position) },
      })),
    );
    await expect(stale.follow(new AbortController().signal)).rejects.toThrow('taken over');
    expect(await count('ops.timers where fired_at is not null')).toBe(0);
    expect(await count('ops.outbox')).toBe(0);
    await begin();
    await settled(2);
    await expectEachOnce([id]);
  });
});

describe('commands', () => {
  it('answer events, and a replay from zero sends nothing twice', async () => {
    const worker = await begin();
    const ids = await openTasks(20);
    for (const id of ids) await world.tell(id, [noted('ping')]);
    await world.clock.set(after(DAY));
    await settled(40);
    await until(async () => (await remindedTimes()) === 60);
    await end(worker);
    await world.pool.query(`delete from ops.timers`);
    await world.pool.query(
      `update ops.checkpoints set position = 0, moved_to = 0 where generation like 'policy%'`,
    );
    const sent: string[] = [];
    await begin({
      observer: { fired: () => undefined, sent: (_policy, _command, answer) => sent.push(answer) },
    });
    await settled(40);
    expect(sent).toEqual(Array.from({ length: 60 }, () => 'accepted'));
    expect(await remindedTimes()).toBe(60);
  });

  it('carry on from the event that caused them', async () => {
    await begin();
    const [id = ''] = await openTasks(1);
    await world.tell(id, [noted('ping')]);
    await until(async () => (await remindedTimes()) === 1);
    const [reminder] = await world.reminded();
    const [, note] = await world.store.readStream(`task-${id}`);
    expect(reminder?.metadata).toMatchObject({
      actor: 'policy:task_reminders',
      causationId: note?.id,
      correlationId: 'a correlation',
      tenant: 'default',
    });
  });

  it('that are refused are kept with the rule, and not sent again', async () => {
    const id = randomUUID();
    let tries = 0;
    const send = taskSender(world.store);
    await begin({
      send: async (command) => {
        tries += 1;
        await world.tell(id, [done]);
        await send(command);
      },
    });
    await world.tell(id, [opened(after(10 * HOUR)), noted('ping')]);
    await until(async () => (await count('ops.refused_commands')) === 1);
    const { rows } = await world.pool.query('select policy, command, code from ops.refused_commands');
    expect(rows).toEqual([{ policy: 'task_reminders', command: 'Remind', code: 'task.done' }]);
    expect([tries, await count('ops.outbox')]).toEqual([1, 0]);
  });

  it('wait while the store has too much to do, and then go in order', async () => {
    const send = taskSender(world.store);
    let refusals = 3;
    await begin({
      send: async (command) => {
        if ((refusals -= 1) >= 0) throw overloaded('too much waits');
        await send(command);
      },
    });
    const id = randomUUID();
    await world.tell(id, [opened(after(HOUR * 2)), noted('ping')]);
    await takenIn((await world.store.head()).position);
    await world.clock.set(after(DAY));
    await settled(2);
    await until(async () => (await remindedTimes()) === 3);
    const names = (await world.reminded()).map(({ data }) => data['name']);
    expect(names).toEqual(['pong', 'soon', 'due']);
  });

  it('that fail by a fault of ours are given up after a while, and hold up no other key', async () => {
    const send = taskSender(world.store);
    const [broken, sound] = [randomUUID(), randomUUID()];
    await world.tell(broken, [opened(after(DAY))]);
    await begin({
      send: async (command) => {
        if (command.target === broken) throw new Error('a fault');
        await send(command);
      },
    });
    await world.tell(broken, [noted('ping')]);
    await world.tell(sound, [opened(after(DAY)), noted('ping')]);
    await until(async () => (await remindedTimes()) === 1);
    await world.pool.query('update ops.outbox set attempts = 11');
    await until(async () => (await count('ops.refused_commands')) === 1);
    const { rows } = await world.pool.query('select code, message from ops.refused_commands');
    expect(rows).toEqual([{ code: 'policy.fault', message: 'a fault' }]);
  });
});

describe('a policy that first runs on an old log', () => {
  it('lets the past rest, but keeps what lies ahead', async () => {
    const [past, ahead] = [randomUUID(), randomUUID()];
    await world.tell(past, [opened(after(HOUR)), noted('ping')]);
    await world.tell(ahead, [opened(after(5 * DAY)), noted('ping')]);
    await world.clock.set(after(3 * DAY));
    await begin();
    await until(async () => (await count('ops.timers')) === 2);
    await world.clock.set(after(6 * DAY));
    await settled(2);
    await expectEachOnce([ahead]);
    await world.tell(past, [noted('ping')]);
    await until(async () => (await remindedTimes()) === 3);
  });

  it('answers all of it where it says so', async () => {
    const id = randomUUID();
    await world.tell(id, [opened(after(HOUR)), noted('ping')]);
    await world.clock.set(after(3 * DAY));
    await begin({ policies: [{ ...reminders, from: 'beginning' }] });
    await settled(2);
    await until(async () => (await remindedTimes()) === 3);
  });
});

describe('a new version of a policy', () => {
  it('takes over where the older one had come: nothing is fired or sent again, nothing left out', async () => {
    const older = await begin();
    const ids = await openTasks(20);
    await world.tell(ids[0] ?? '', [noted('ping')]);
    await world.clock.set(after(1.6 * HOUR));
    await until(async () => (await remindedTimes()) > 5 && (await idle()));
    await end(older);
    await world.tell(ids[1] ?? '', [noted('ping')]);
    await begin({ policies: [{ ...reminders, version: 2 }] });
    await world.clock.set(after(DAY));
    await settled(40);
    await until(async () => (await remindedTimes()) === 42);
    expect(world.log).toContain('policy task_reminders: version 2 has taken over from version 1');
    await begin();
    expect(world.log.at(-1)).toContain('this process, which has version 1, leaves it alone');
  });
});

describe('what a version of a policy has set aside', () => {
  afterEach(() => {
    poison.text = 'poison';
  });

  it('is answered by the next one, once', async () => {
    const older = await begin();
    const [bad = '', good = ''] = await openTasks(2);
    for (const id of [bad, good]) await world.tell(id, [noted('ping')]);
    await until(async () => (await remindedTimes()) === 2);
    await world.tell(bad, [noted('poison'), noted('ping')]);
    await until(async () => (await count('ops.parked_keys')) === 1);
    await takenIn(await world.tell(bad, [noted('ping')]));
    await end(older);
    poison.text = 'no poison any more';
    const newer = await begin({ policies: [{ ...reminders, version: 2 }] });
    await until(async () => (await remindedTimes()) === 4);
    await takenIn((await world.store.head()).position);
    await end(newer);
    await begin({ policies: [{ ...reminders, version: 3 }] });
    await takenIn(await world.tell(good, [noted('ping')]));
    await until(async () => (await remindedTimes()) === 5 && (await idle()));
    expect((await world.reminded()).map(({ stream }) => idOf(stream)).sort()).toEqual(
      [bad, bad, bad, good, good].sort(),
    );
    expect(await count('ops.parked_keys')).toBe(0);
  });
});

describe('a key that cannot be taken in', () => {
  afterEach(() => {
    poison.text = 'poison';
  });

  it('is set aside alone, and goes on where it halted once the code is mended', async () => {
    const first = await begin();
    const [bad = '', good = ''] = await openTasks(2);
    await world.tell(bad, [noted('poison'), noted('ping')]);
    await world.tell(good, [noted('ping')]);
    await until(async () => (await remindedTimes()) === 1);
    await until(async () => (await count('ops.parked_keys')) === 1);
    await world.clock.set(after(DAY));
    await settled(2);
    await end(first);
    poison.text = 'no poison any more';
    await begin();
    await settled(4);
    await until(async () => (await remindedTimes()) === 6);
    expect(await count('ops.parked_keys')).toBe(0);
  });
});
