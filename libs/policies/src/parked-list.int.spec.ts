import { randomUUID } from 'node:crypto';
import type { Instant } from '@guanxi/kernel';
import { plusMilliseconds } from '@guanxi/kernel';
import { policyStates } from './inspection';
import type { PolicyLetter } from './parked-list';
import { hasPolicyRetries, parkedCounts, parkedOfPolicies, wantPolicyRetry } from './parked-list';
import type { PolicyRunner } from './runner';
import type { Running } from './testing/running';
import { START, running, until } from './testing/running';
import type { TaskEvent } from './testing/tasks';
import { HOUR, poison, reminders } from './testing/tasks';

const noted = (text: string): TaskEvent => ({ type: 'task-noted.v1', data: { text } });
const opened: TaskEvent = {
  type: 'task-opened.v1',
  data: { dueAt: plusMilliseconds(START as Instant, 2 * HOUR) },
};

let world: Running;
const workers: PolicyRunner[] = [];

beforeEach(async () => {
  world = await running();
});

afterEach(async () => {
  poison.text = 'poison';
  for (const worker of workers.splice(0)) await worker.stop();
  await world.close();
});

const begin = async (...options: Parameters<Running['worker']>): Promise<void> => {
  const worker = world.worker(...options);
  workers.push(worker);
  await worker.start();
};

const letters = async (): Promise<readonly PolicyLetter[]> =>
  (await parkedOfPolicies(world.pool)).map(({ letter }) => letter);

/** A task with a note that the policy cannot take in, and one behind it that it would answer. */
async function poisoned(): Promise<string> {
  const id = randomUUID();
  const before = (await letters()).length;
  await world.tell(id, [opened, noted('poison'), noted('ping')]);
  await until(async () => (await letters()).length === before + 1);
  return id;
}

it('tells what halted a key, since when, and what waits', async () => {
  expect(await hasPolicyRetries(world.pool)).toBe(true);
  await begin();
  const id = await poisoned();
  const [first, ...more] = await parkedOfPolicies(world.pool, { key: id });
  expect(more).toEqual([]);
  expect(first?.stack).toContain('this note cannot be taken in');
  expect(first?.letter).toMatchObject({
    ...{ policy: 'task_reminders', version: 1, generation: 'policy_task_reminders_v1', key: id },
    ...{ stream: `task-${id}`, position: '1', event: { type: 'task-opened.v1' }, waiting: 2 },
    ...{ attempts: 1, error: 'this note cannot be taken in', isWanted: false },
  });
  expect(await parkedOfPolicies(world.pool, { policy: 'another' })).toEqual([]);
  expect(await parkedCounts(world.pool)).toEqual([{ policy: 'task_reminders', parked: 1 }]);
  expect(await policyStates(world.pool)).toMatchObject([{ policy: 'task_reminders', parked: 1 }]);
});

it('has the worker that holds a key try it again, without a restart: once a wish', async () => {
  await begin();
  await begin();
  // From then on no shard changes hands, which would be another reason to try.
  await until(async () => {
    const { rows } = await world.pool.query<{ shards: number }>(
      'select count(*)::integer as shards from ops.checkpoints where holder is not null group by holder',
    );
    return rows.length === 2 && rows.every(({ shards }) => shards === 2);
  });
  const ids = [await poisoned(), await poisoned()];
  const [first = '', second = ''] = ids;
  expect(await wantPolicyRetry(world.pool, { key: randomUUID() })).toBe(0);
  expect(await wantPolicyRetry(world.pool, { key: first })).toBe(1);
  await until(async () => (await letters()).every(({ isWanted }) => !isWanted));
  expect(await letters()).toMatchObject([
    { key: first, attempts: 2 },
    { key: second, attempts: 1 },
  ]);

  poison.text = 'no poison any more';
  expect(await wantPolicyRetry(world.pool, { policy: 'task_reminders' })).toBe(2);
  await until(async () => (await world.reminded()).length === 2);
  expect(await letters()).toEqual([]);
  await world.clock.set(plusMilliseconds(START as Instant, 3 * HOUR));
  await until(async () => (await world.reminded()).length === 6);
  const { rows } = await world.pool.query('select from ops.policy_retries');
  expect(rows).toEqual([]);
});

it('tries a timer again that a fault kept from firing', async () => {
  let isMended = false;
  const onTimer: (typeof reminders)['onTimer'] = (...timer) => {
    if (!isMended) throw new Error('this timer cannot\u0000fire');
    return reminders.onTimer?.(...timer) ?? [];
  };
  await begin({ policies: [{ ...reminders, onTimer }] });
  const id = randomUUID();
  await world.tell(id, [opened]);
  await until(async () => {
    const { rows } = await world.pool.query('select from ops.timers');
    return rows.length === 2;
  });
  await world.clock.set(plusMilliseconds(START as Instant, HOUR));
  await until(async () => (await letters()).length === 1);
  const [letter] = await letters();
  expect(letter).toMatchObject({ key: id, error: 'this timer cannot\\u0000fire', waiting: 0 });
  expect(letter?.event).not.toHaveProperty('type');
  isMended = true;
  await wantPolicyRetry(world.pool);
  await until(async () => (await world.reminded()).length === 1);
  expect(await letters()).toEqual([]);
});

it('keeps a wish until a worker is there', async () => {
  await begin();
  const id = await poisoned();
  for (const worker of workers.splice(0)) await worker.stop();
  await wantPolicyRetry(world.pool, { policy: 'task_reminders', key: id });
  expect(await letters()).toMatchObject([{ key: id, isWanted: true }]);
  await begin();
  await until(async () => (await letters()).every(({ isWanted }) => !isWanted));
  expect(await letters()).toMatchObject([{ key: id }]);
  poison.text = 'no poison any more';
  await wantPolicyRetry(world.pool);
  await until(async () => (await letters()).length === 0);
});
