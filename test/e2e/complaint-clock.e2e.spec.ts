import { setTimeout as pause } from 'node:timers/promises';
import type { RecordedEvent } from '@guanxi/kernel';
import { instantOf, plusMilliseconds } from '@guanxi/kernel';
import { VirtualClock } from '@guanxi/policies';
import type { RunningProduct } from '../support/product';
import { runningProduct } from '../support/product';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const clock = new VirtualClock(instantOf(new Date()));
let guanxi: RunningProduct;

beforeAll(async () => {
  guanxi = await runningProduct({ policyClock: clock });
});

afterAll(async () => {
  await guanxi.stop();
});

const fileComplaint = async (): Promise<string> => {
  const { id } = await guanxi.send('/v1/complaints', { channel: 'phone', cause: 'unknown', anonymous: true });
  return String(id);
};

const storyOf = (id: string): Promise<readonly RecordedEvent[]> =>
  guanxi.product.store.readStream(`complaint-${id}`);

const escalationsOf = async (id: string): Promise<unknown[]> =>
  (await storyOf(id)).filter(({ type }) => type === 'complaint-escalated.v1').map(({ data }) => data);

const until = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!(await condition())) await pause(50);
};

/** All that is due up to a moment has fired, and its commands have been sent. */
async function passes(milliseconds: number): Promise<void> {
  const { pool, store } = guanxi.product;
  const { position } = await store.head();
  clock.advance(milliseconds);
  const open = async (text: string): Promise<boolean> => (await pool.query(text)).rows.length > 0;
  await until(async () => {
    const behind = await open(
      `select from ops.checkpoints where generation like 'policy%' and position < ${position}`,
    );
    const due = await open(
      `select from ops.timers where fired_at is null and fires_at <= '${await clock.now()}'`,
    );
    return !behind && !due && !(await open('select from ops.outbox'));
  });
}

it('warns, and hands overdue complaints up one level for each clock, without anybody sending anything', async () => {
  const [silent, answered] = [await fileComplaint(), await fileComplaint()];
  await guanxi.send(`/v1/complaints/${answered}/acknowledge`, { by: 'front desk' });
  await passes(13 * HOUR);
  expect((await storyOf(silent)).map(({ type }) => type)).toEqual([
    'complaint-filed.v1',
    'complaint-clock-warned.v1',
  ]);
  await passes(12 * HOUR);
  expect(await escalationsOf(silent)).toEqual([
    { from: 'front', to: 'middle', reason: 'the first answer is overdue' },
  ]);
  expect(await escalationsOf(answered)).toEqual([]);

  // A fortnight holds five working days, whatever day it is today and whatever holidays there are but the longest.
  await passes(20 * DAY);
  expect((await escalationsOf(silent)).at(-1)).toEqual({
    ...{ from: 'middle', to: 'senior', reason: 'the resolution is overdue' },
  });
  expect(await escalationsOf(answered)).toEqual([
    { from: 'front', to: 'middle', reason: 'the resolution is overdue' },
  ]);

  await passes(100 * DAY);
  expect(await escalationsOf(silent)).toHaveLength(2);
  const warnings = (await storyOf(silent)).filter(({ type }) => type === 'complaint-clock-warned.v1');
  expect(warnings.map(({ data }) => `${String(data['clock'])} ${String(data['percent'])}`)).toEqual([
    ...['first-answer 50', 'first-answer 80', 'resolution 50', 'resolution 80'],
  ]);
  const [filed] = await storyOf(silent);
  const escalated = (await storyOf(silent)).find(({ type }) => type === 'complaint-escalated.v1');
  expect(escalated?.metadata).toMatchObject({
    actor: 'policy:complaint_clock',
    command: 'EscalateComplaint',
    causationId: filed?.id,
    correlationId: filed?.metadata.correlationId,
  });
  const metrics = await (await guanxi.ask('GET', '/metrics')).text();
  expect(metrics).toMatch(
    /guanxi_policy_commands_total\{.*command="EscalateComplaint",answer="accepted"\} 3/,
  );
  expect(metrics).toContain('guanxi_policy_outbox_commands{policy="complaint_clock"} 0');
  const list = await guanxi.get('/v1/complaints?level=senior');
  expect(list.items.map(({ id }: { id: string }) => id)).toEqual([silent]);
});

it('lets old complaints that are taken over from elsewhere rest', async () => {
  const filedAt = plusMilliseconds(instantOf(new Date()), -400 * DAY);
  const { id } = await guanxi.send('/v1/imported-complaints', {
    ...{ channel: 'web', cause: 'unknown', filedAt, assumed: [] },
  });
  await passes(30 * DAY);
  expect(await storyOf(String(id))).toHaveLength(1);
});
