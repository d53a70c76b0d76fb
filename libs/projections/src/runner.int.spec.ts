import { randomUUID } from 'node:crypto';
import type { EventMetadata, RecordedEvent } from '@guanxi/kernel';
import fc from 'fast-check';
import { retryParked } from './parked-retry';
import { rowsAt } from './moment';
import { Queries } from './queries';
import { readTypes } from './row-codec';
import type { Step } from './testing/ledger-model';
import { accounts, dayAt, historyOf } from './testing/ledger-model';
import type { Running } from './testing/running';
import { running, until } from './testing/running';
import { foldTimeline } from './versions';

const step = fc.record<Step>({
  kind: fc.constantFrom('booked', 'set', 'tagged', 'seen', 'redated'),
  day: fc.integer({ min: 0, max: 12 }),
  value: fc.integer({ min: -20, max: 20 }),
  joined: fc.constant(false),
});

const metadata = (commandId: string): EventMetadata => ({
  commandId,
  command: 'Test',
  commandHash: '',
  correlationId: commandId,
  actor: 'test',
  tenant: 'default',
  policyVersion: 0,
});

describe('the projection runner', () => {
  let it_: Running;
  beforeAll(async () => {
    it_ = await running();
  });
  afterAll(() => it_.close());

  async function append(
    events: readonly Pick<RecordedEvent, 'stream' | 'type' | 'occurredAt' | 'data'>[],
  ): Promise<void> {
    const [first] = events;
    if (!first) return;
    const news = events.map(({ type, occurredAt, data }) => ({
      id: randomUUID(),
      type,
      occurredAt,
      data: { ...data },
    }));
    await it_.store.append([{ stream: first.stream, expected: 'any', events: news }], metadata(randomUUID()));
  }

  async function balances(t: string, p: bigint | null, id: string): Promise<readonly unknown[]> {
    const sql = rowsAt({ model: accounts, generation: 'test_accounts_v1' }, { asOf: t as never, known: p });
    const { rows } = await it_.pool.query({
      text: `select owner, balance, tags from ${sql} r where id = $1`,
      values: [id],
      types: readTypes,
    });
    return rows.map(({ owner, balance, tags }) => ({ owner, balance, ...(tags ? { tags } : {}) }));
  }

  it('keeps tables that answer every moment as a fresh fold would, however events fall into batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 10 }),
        fc.array(fc.boolean(), { maxLength: 10 }),
        async (steps, waits) => {
          const id = randomUUID();
          const history = historyOf(`account-${id}`, steps);
          for (const [index, event] of history.entries()) {
            await append([event]);
            if (waits[index]) await it_.caughtUp();
          }
          await it_.caughtUp();
          const events = await it_.store.readStream(`account-${id}`);
          for (const { position: p } of events) {
            const { versions } = foldTimeline(
              accounts,
              id,
              events.filter(({ position }) => position <= p),
            );
            for (const day of [-1, 0, 3, 6, 9, 12]) {
              const t = dayAt(day);
              const expected = versions
                .filter(({ validFrom, validTo }) => validFrom <= t && (validTo === null || validTo > t))
                .map(({ row }) => row);
              expect(await balances(t, p, id)).toEqual(expected);
              if (p === events.at(-1)?.position) expect(await balances(t, null, id)).toEqual(expected);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  it('parks a key that cannot be folded, lets others go on, and takes it back on retry', async () => {
    const [bad, good] = [randomUUID(), randomUUID()];
    for (const id of [bad, good]) await append(historyOf(`account-${id}`, []));
    await append([
      { stream: `account-${bad}`, type: 'account-booked.v1', occurredAt: dayAt(1), data: { amount: 666 } },
    ]);
    await append([
      { stream: `account-${bad}`, type: 'account-booked.v1', occurredAt: dayAt(2), data: { amount: 1 } },
    ]);
    await append([
      { stream: `account-${good}`, type: 'account-booked.v1', occurredAt: dayAt(1), data: { amount: 7 } },
    ]);
    await it_.caughtUp();
    expect(await balances(dayAt(9), null, good)).toEqual([{ owner: 'somebody', balance: 7 }]);
    expect(await balances(dayAt(9), null, bad)).toEqual([{ owner: 'somebody', balance: 0 }]);
    const parked = async (): Promise<unknown[]> =>
      (
        await it_.pool.query('select generation, waiting::int, error from ops.parked_keys where id = $1', [
          bad,
        ])
      ).rows;
    expect(await parked()).toEqual([
      { generation: 'test_accounts_v1', waiting: 1, error: 'this amount cannot be folded' },
    ]);
    expect(await retryParked(it_, accounts, 'test_accounts_v1', bad)).toMatchObject({ waiting: 1 });
    expect(await parked()).toHaveLength(1);
  });

  it.each([
    [
      'no value of its column',
      { type: 'account-booked.v1', data: { amount: 1e300 } },
      'a number that is no bigint',
    ],
    ['refused by the database', { type: 'account-tagged.v1', data: { tag: 'a\u0000b' } }, 'encoding'],
  ])('parks a key whose row holds what is %s, and lets others go on', async (_, event, error) => {
    const [bad, good] = [randomUUID(), randomUUID()];
    for (const id of [bad, good]) await append(historyOf(`account-${id}`, []));
    await append([{ stream: `account-${bad}`, occurredAt: dayAt(1), ...event }]);
    await append([
      { stream: `account-${good}`, type: 'account-booked.v1', occurredAt: dayAt(1), data: { amount: 5 } },
    ]);
    await it_.caughtUp();
    expect(await balances(dayAt(9), null, good)).toEqual([{ owner: 'somebody', balance: 5 }]);
    const { rows } = await it_.pool.query('select error from ops.parked_keys where id = $1', [bad]);
    expect(rows).toEqual([{ error: expect.stringContaining(error) }]);
  });

  it('counts every event once when its runner is stopped and another takes over', async () => {
    const id = randomUUID();
    await append(historyOf(`account-${id}`, []));
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 20; n += 1) {
        await append([
          { stream: `account-${id}`, type: 'account-booked.v1', occurredAt: dayAt(1), data: { amount: 1 } },
        ]);
      }
      await it_.runner.stop();
      it_.runner = it_.another();
      await it_.runner.start();
    }
    await it_.caughtUp();
    expect(await balances(dayAt(2), null, id)).toEqual([{ owner: 'somebody', balance: 60 }]);
    const { rows } = await it_.pool.query(
      'select sum(delta)::int as total from rm.test_accounts_v1_movements where id = $1',
      [id],
    );
    expect(rows).toEqual([{ total: 60 }]);
  });

  it('shares the shards with a second runner, and has them all again when that one stops', async () => {
    const holders = async (): Promise<readonly number[]> => {
      const { rows } = await it_.pool.query<{ held: string }>(
        'select count(*) as held from ops.checkpoints where holder is not null group by holder order by 1',
      );
      return rows.map(({ held }) => Number(held));
    };
    const other = it_.another();
    await other.start();
    await until(async () => (await holders()).join() === '2,2');
    const ids = Array.from({ length: 12 }, () => randomUUID());
    for (const id of ids) await append(historyOf(`account-${id}`, []));
    await it_.caughtUp();
    for (const id of ids)
      expect(await balances(dayAt(1), null, id)).toEqual([{ owner: 'somebody', balance: 0 }]);
    await other.stop();
    await until(async () => (await holders()).join() === '4');
  }, 30_000);

  it('refuses the rows of a shard that was taken over', async () => {
    const id = randomUUID();
    await append(historyOf(`account-${id}`, []));
    await it_.caughtUp();
    await it_.pool.query('update ops.checkpoints set token = token + 1');
    await append([
      { stream: `account-${id}`, type: 'account-booked.v1', occurredAt: dayAt(1), data: { amount: 1 } },
    ]);
    await it_.caughtUp();
    expect(await balances(dayAt(2), null, id)).toEqual([{ owner: 'somebody', balance: 1 }]);
    expect(it_.log.some((line) => line.includes('was taken over by another worker'))).toBe(true);
  });

  it('says how far it is behind when a position is not reached in time', async () => {
    const { position } = await it_.store.head();
    const impatient = new Queries(it_.pool, it_.store, () => dayAt(0), 50);
    await expect(impatient.waitFor([accounts], position + 5n)).rejects.toMatchObject({
      code: 'query.behind',
      facts: { lag: '5' },
    });
  });
});
