import { randomUUID } from 'node:crypto';
import type { NewEvent } from '@guanxi/event-store';
import { dayAt } from './testing/ledger-model';
import type { Running } from './testing/running';
import { running, until } from './testing/running';

/** More than shards may lag behind and still be written in one transaction. */
const FAR_BEHIND = 5_500;
const EVENTS_AN_APPEND = 50;

let world: Running;
beforeEach(async () => {
  world = await running();
  await world.runner.stop();
});
afterEach(() => world.close());

const opened = (): NewEvent => ({
  ...{ id: randomUUID(), type: 'account-opened.v1', occurredAt: dayAt(0), data: { owner: 'somebody' } },
});

const booked = (amount: number): NewEvent => ({
  ...{ id: randomUUID(), type: 'account-booked.v1', occurredAt: dayAt(1), data: { amount } },
});

async function append(id: string, events: readonly NewEvent[]): Promise<void> {
  const metadata = {
    ...{ commandId: randomUUID(), command: 'Test', commandHash: '', correlationId: 'c' },
    ...{ actor: 'test', tenant: 'default', policyVersion: 0 },
  };
  await world.store.append([{ stream: `account-${id}`, expected: 'any', events }], metadata);
}

/** Books 1 on each of some accounts, again and again, until far more lies in the log than a live reader lags behind. */
async function appendMany(ids: readonly string[]): Promise<number> {
  for (const id of ids) await append(id, [opened()]);
  const appends = Math.ceil(FAR_BEHIND / EVENTS_AN_APPEND / ids.length);
  const some = (): NewEvent[] => Array.from({ length: EVENTS_AN_APPEND }, () => booked(1));
  for (let round = 0; round < appends; round += 1) for (const id of ids) await append(id, some());
  return appends * EVENTS_AN_APPEND;
}

async function balances(): Promise<ReadonlyMap<string, number>> {
  const { rows } = await world.pool.query<{ id: string; balance: string }>(
    'select id, balance::text from rm.test_accounts_v1',
  );
  return new Map(rows.map(({ id, balance }) => [id, Number(balance)]));
}

const movements = async (): Promise<number> => {
  const { rows } = await world.pool.query<{ total: number }>(
    'select sum(delta)::integer as total from rm.test_accounts_v1_movements',
  );
  return rows[0]?.total ?? 0;
};

describe('shards that lag far behind', () => {
  it('are written by two transactions, each of which parks what its own keys bring', async () => {
    const ids = Array.from({ length: 16 }, () => randomUUID());
    const each = await appendMany(ids);
    const poisoned = Array.from({ length: 6 }, () => randomUUID());
    const refused = Array.from({ length: 6 }, () => randomUUID());
    for (const id of poisoned) await append(id, [opened(), booked(666), booked(1)]);
    for (const id of refused) await append(id, [opened(), booked(1e300), booked(1)]);
    world.runner = world.another();
    await world.runner.start();
    await world.caughtUp();
    const found = await balances();
    for (const id of ids) expect(found.get(id)).toBe(each);
    expect(await movements()).toBe(each * ids.length);
    const { rows } = await world.pool.query<{ id: string; waiting: number }>(
      'select id, waiting::integer from ops.parked_keys order by id',
    );
    expect(rows).toEqual([...poisoned, ...refused].sort().map((id) => ({ id, waiting: 1 })));
  });

  it('count every event once when one of them is taken over between batches', async () => {
    const ids = Array.from({ length: 16 }, () => randomUUID());
    const each = await appendMany(ids);
    world.runner = world.another();
    await world.runner.start();
    await until(async () => {
      const { rowCount } = await world.pool.query(
        'update ops.checkpoints set token = token + 1 where shard = 1 and holder is not null',
      );
      return rowCount === 1;
    });
    await world.caughtUp();
    const found = await balances();
    for (const id of ids) expect(found.get(id)).toBe(each);
    expect(await movements()).toBe(each * ids.length);
  });

  it('go on together after one of two transactions has got further than the other', async () => {
    const ids = Array.from({ length: 16 }, () => randomUUID());
    const each = await appendMany(ids);
    // As a process leaves it that dies between the two: those of the odd shards have written, the others have not.
    await world.pool.query(
      `create function stop_even() returns trigger language plpgsql as $$
         begin if new.shard % 2 = 0 and new.position > 0 then raise exception 'the process is killed here'; end if;
         return new; end $$`,
    );
    await world.pool.query(
      'create trigger stop_even before update on ops.checkpoints for each row execute function stop_even()',
    );
    world.runner = world.another();
    await world.runner.start();
    const reached = async (): Promise<readonly boolean[]> => {
      const { rows } = await world.pool.query<{ written: boolean }>(
        'select position > 0 as written from ops.checkpoints order by shard',
      );
      return rows.map(({ written }) => written);
    };
    await until(async () => String(await reached()) === 'false,true,false,true');
    await world.pool.query('drop trigger stop_even on ops.checkpoints');
    await world.caughtUp();
    const found = await balances();
    for (const id of ids) expect(found.get(id)).toBe(each);
    expect(await movements()).toBe(each * ids.length);
  });
});
