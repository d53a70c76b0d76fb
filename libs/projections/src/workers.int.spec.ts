import { randomUUID } from 'node:crypto';
import type { Crew, Ghost } from './testing/crew';
import { PATIENT, crew } from './testing/crew';
import { readModelNotices } from './notices';
import { accounts } from './testing/ledger-model';
import { until } from './testing/running';

const asWords = (log: readonly string[]): string => log.join('\n');

describe('workers of read models', () => {
  let all: Crew;
  beforeEach(async () => {
    all = await crew();
  });
  afterEach(() => all.close());

  const isGone = async ({ id }: Ghost): Promise<boolean> =>
    (await all.pool.query('select from ops.workers where id = $1', [id])).rowCount === 0;

  it('replace one that stands still in the middle of a transaction, and refuse what it writes later', async () => {
    const first = await all.worker();
    const account = await all.book(3);
    await all.caughtUp();
    await first.stop();
    const ghost = await all.ghost(4);
    await ghost.client.query('begin');
    await ghost.client.query('select from ops.checkpoints for update');
    const second = await all.worker();
    await all.book(2, account);
    await all.caughtUp();
    expect(await all.balance(account)).toEqual([5, 5]);
    expect(await isGone(ghost)).toBe(true);
    await expect(ghost.client.query('update ops.checkpoints set position = 0')).rejects.toThrow();
    expect(asWords(second.log)).toContain(`worker ${ghost.id} stands still`);
  });

  it('replace one that died at once, however long their patience is', async () => {
    await (await all.worker({ times: PATIENT })).stop();
    const ghost = await all.ghost(4);
    const worker = await all.worker({ times: PATIENT });
    expect(await all.shares()).toContain('4');
    await ghost.die();
    await until(() => isGone(ghost));
    const account = await all.book(2);
    await all.caughtUp();
    expect(await all.balance(account)).toEqual([2, 2]);
    expect(asWords(worker.log)).toContain(`worker ${ghost.id} is gone`);
  });

  it('have the shards of one that stops at once, however long their patience is', async () => {
    const slow = { ...PATIENT, beatMilliseconds: 20_000 };
    const one = await all.worker({ times: PATIENT });
    await until(async () => (await all.shares()) === '4');
    const other = await all.worker({ times: slow });
    await until(async () => (await all.shares()) === '2,2');
    const account = await all.book(3);
    await one.stop();
    const begun = performance.now();
    // The other one's next beat is far away: it is told.
    await until(async () => (await all.shares()) === '4');
    expect(performance.now() - begun).toBeLessThan(5_000);
    await all.caughtUp();
    expect(await all.balance(account)).toEqual([3, 3]);
    await other.stop();
  });

  it('share evenly, also when there are more of them than shards, and count all once while they come and go', async () => {
    const crowd = await Promise.all(Array.from({ length: 6 }, () => all.worker()));
    await until(async () => (await all.shares()) === '0,0,1,1,1,1');
    const account = await all.book(1);
    for (let round = 0; round < 10; round += 1) {
      await crowd.shift()?.stop();
      crowd.push(await all.worker());
      await all.book(10, account);
    }
    await all.caughtUp();
    expect(await all.balance(account)).toEqual([101, 101]);
    while (crowd.length > 2) await crowd.shift()?.stop();
    await until(async () => (await all.shares()) === '2,2');
  }, 60_000);

  it('go on when they have buried each other', async () => {
    const [one, other] = [await all.worker(), await all.worker()];
    await until(async () => (await all.shares()) === '2,2');
    const { rows } = await all.pool.query<{ id: string }>('select id from ops.workers order by number');
    await all.pool.query('update ops.checkpoints set holder = null, token = token + 1');
    await all.pool.query('delete from ops.workers');
    await all.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'guanxi worker %'`,
    );
    const account = await all.book(4);
    await all.caughtUp();
    await until(async () => (await all.shares()) === '2,2');
    expect(await all.balance(account)).toEqual([4, 4]);
    const again = await all.pool.query<{ id: string }>('select id from ops.workers');
    expect(again.rows.filter(({ id }) => rows.some((row) => row.id === id))).toEqual([]);
    expect(asWords([...one.log, ...other.log])).toContain('leases of projections stopped');
  });

  it('keep no connection of sessions that broke', async () => {
    const worker = await all.worker();
    await until(async () => (await all.shares()) === '4');
    for (let round = 0; round < 12; round += 1) {
      await all.pool.query(
        `select pg_terminate_backend(pid, 1000) from pg_stat_activity where application_name like 'guanxi worker %'`,
      );
      const account = await all.book(1);
      await all.caughtUp();
      expect(await all.balance(account)).toEqual([1, 1]);
    }
    await until(async () => (await all.shares()) === '4');
    expect(worker.pool.totalCount - worker.pool.idleCount).toBeLessThanOrEqual(3);
  }, 60_000);

  it('leave no shard to nobody when some of them run other code', async () => {
    const newer = { ...accounts, version: 2 };
    const old = await all.worker({ models: [accounts] });
    await all.worker({ models: [newer] });
    await until(async () => (await all.shares()) === '4,4');
    await all.worker({ models: [newer] });
    await until(async () => (await all.shares()) === '2,2,4');
    const account = await all.book(3);
    await all.caughtUp([accounts]);
    await until(async () => (await all.balance(account, 'test_accounts_v2'))[0] === 3);
    expect(await all.balance(account)).toEqual([3, 3]);
    await old.stop();
    await until(async () => (await all.shares()) === '2,2');
  });

  it('do not care what the machine says the time is', async () => {
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => 0);
    try {
      const [one, other] = [await all.worker(), await all.worker()];
      await until(async () => (await all.shares()) === '2,2');
      const account = await all.book(1);
      for (const hours of [9, -700, 100_000, -5]) {
        clock.mockImplementation(() => hours * 3_600_000);
        await all.book(1, account);
        await all.caughtUp();
      }
      expect(await all.balance(account)).toEqual([5, 5]);
      expect(asWords([...one.log, ...other.log])).not.toMatch(/stands still|is gone|stopped/);
    } finally {
      clock.mockRestore();
    }
  });

  describe('as roles that may not end each other', () => {
    const role = `guanxi_test_${randomUUID().slice(0, 8)}`;
    beforeEach(async () => {
      // Who owns the tables makes them; the other role may only work with them.
      await (await all.worker()).stop();
      await all.pool.query(`create role ${role} login password 'test'`);
      const { rows } = await all.pool.query<{ name: string }>(
        `select nspname as name from pg_namespace where nspname in ('rm', 'ops', 'analysis')`,
      );
      const schemas = rows.map(({ name }) => name).join(', ');
      await all.pool.query(`grant all on schema ${schemas} to ${role}`);
      await all.pool.query(`grant all on all tables in schema ${schemas} to ${role}`);
    });
    afterEach(async () => {
      await all.pool.query(`drop owned by ${role}`);
      await all.pool.query(`drop role ${role}`);
    });

    it('say so, and take over as soon as the other one has nothing under way', async () => {
      const url = new URL(all.url);
      [url.username, url.password] = [role, 'test'];
      const stranger = await all.worker({ url: url.href });
      await until(async () => (await all.shares()) === '4');
      await stranger.stop();
      const ghost = await all.ghost(4);
      await ghost.client.query('begin');
      await ghost.client.query('select from ops.checkpoints for update');
      const worker = await all.worker({ url: url.href });
      await until(() => Promise.resolve(asWords(worker.log).includes('grant them pg_signal_backend')));
      expect(await isGone(ghost)).toBe(false);
      await ghost.client.query('commit');
      const account = await all.book(2);
      await all.caughtUp();
      expect(await all.balance(account)).toEqual([2, 2]);
      await worker.stop();
    });
  });

  describe('whose lists were changed by hand', () => {
    it('free shards that nobody in the list holds', async () => {
      const worker = await all.worker();
      await until(async () => (await all.shares()) === '4');
      await all.pool.query('update ops.checkpoints set holder = $1, token = 0', [randomUUID()]);
      const account = await all.book(2);
      await all.caughtUp();
      expect(await all.balance(account)).toEqual([2, 2]);
      expect(asWords(worker.log)).toContain('which is not in ops.workers: it was changed by hand');
    });

    it('begin anew under another name when they were taken out of the list', async () => {
      const worker = await all.worker();
      await until(async () => (await all.shares()) === '4');
      await all.pool.query('delete from ops.workers');
      const account = await all.book(2);
      await all.caughtUp();
      expect(await all.balance(account)).toEqual([2, 2]);
      await until(async () => (await all.shares()) === '4');
      // It may have been taken out after it had looked, and hear of it with its next beat alone.
      await until(() => Promise.resolve(asWords(worker.log).includes('leases of projections stopped')));
    });

    it('fold on when tokens were lowered', async () => {
      await all.worker();
      const account = await all.book(2);
      await all.caughtUp();
      await all.pool.query('update ops.checkpoints set token = -1');
      await all.book(2, account);
      await all.caughtUp();
      expect(await all.balance(account)).toEqual([4, 4]);
    });

    it.each([
      ['back', 'position - 3'],
      ['ahead', 'position + 1'],
    ])(
      'stop where a position was set %s, say what to do, and go on when it was done',
      async (_, position) => {
        const worker = await all.worker();
        const account = await all.book(9);
        await all.caughtUp();
        await all.pool.query(`update ops.checkpoints set position = ${position}`);
        await all.book(1, account);
        await until(() =>
          Promise.resolve(asWords(worker.log).includes('shard 3 of test_accounts_v1 has reached position')),
        );
        expect(asWords(worker.log)).toContain('"guanxi projections rebuild test_accounts"');
        expect(await readModelNotices(all.pool, [])).toContainEqual(
          expect.stringContaining('shard 3 of test_accounts_v1 has reached position'),
        );
        expect(await all.balance(account)).toEqual([9, 9]);
        await all.pool.query('update ops.checkpoints set position = moved_to');
        await all.caughtUp();
        expect(await all.balance(account)).toEqual([10, 10]);
        expect(await readModelNotices(all.pool, [])).toEqual([]);
        // Said once a shard, not once a beat.
        expect(worker.log.filter((line) => line.includes('shard 3 of')).length).toBeLessThanOrEqual(2);
      },
    );

    it('count nothing twice even where all that was set back was set back', async () => {
      const worker = await all.worker();
      const account = await all.book(9);
      await all.caughtUp();
      await all.pool.query('update ops.checkpoints set position = position - 3, moved_to = position - 3');
      await all.book(1, account);
      await until(() => Promise.resolve(asWords(worker.log).includes('its checkpoint has not reached')));
      expect(await all.balance(account)).toEqual([9, 9]);
      await all.pool.query('update ops.checkpoints set position = 10, moved_to = 10');
      await all.caughtUp();
      expect(await all.balance(account)).toEqual([10, 10]);
    });

    it('fold nothing into what claims to be ahead of the log', async () => {
      const worker = await all.worker();
      const account = await all.book(4);
      await all.caughtUp();
      await all.pool.query('update ops.checkpoints set position = 1000, moved_to = 1000');
      await all.book(1, account);
      await until(() => Promise.resolve(asWords(worker.log).includes('is ahead of the log')));
      expect(await all.balance(account)).toEqual([4, 4]);
    });

    it('fold nothing into tables that lost a checkpoint', async () => {
      const worker = await all.worker();
      const account = await all.book(4);
      await all.caughtUp();
      const { rows } = await all.pool.query<{ position: string }>(
        'delete from ops.checkpoints where shard = 2 returning position',
      );
      await until(() => Promise.resolve(asWords(worker.log).includes('holds 3 shards of test_accounts_v1')));
      await all.book(1, account);
      const answer = all.queries.answer([accounts], {}, (snapshot) =>
        snapshot.rows(`select * from ${snapshot.of(accounts)} r`).then((rows) => ({ rows })),
      );
      await expect(answer).rejects.toMatchObject({ code: 'query.not-built' });
      await all.pool.query(
        `insert into ops.checkpoints (generation, shard, shards, position) values ('test_accounts_v1', 2, 4, $1)`,
        [rows[0]?.position],
      );
      await all.caughtUp();
      expect(await all.balance(account)).toEqual([5, 5]);
    });
  });

  it('begin beside others at work without a wait for their transactions', async () => {
    await (await all.worker()).stop();
    const client = await all.pool.connect();
    try {
      await client.query(
        'begin; lock table rm.test_accounts_v1, rm.test_accounts_v1_history in row exclusive mode',
      );
      const worker = await all.worker();
      await until(async () => (await all.shares()) === '4');
      await worker.stop();
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('let no broken tables stop others, and go on with them when they are whole again', async () => {
    const ledgers = { ...accounts, name: 'test_ledgers' };
    const models = [accounts, ledgers];
    const worker = await all.worker({ models });
    const account = await all.book(2);
    await all.caughtUp(models);
    await all.pool.query('alter table rm.test_ledgers_v1 rename to test_ledgers_v1_away');
    for (let n = 0; n < 5; n += 1) {
      await all.book(1, account);
      await all.caughtUp([accounts]);
    }
    expect(await all.balance(account)).toEqual([7, 7]);
    expect(asWords(worker.log)).toContain('nothing can be folded into test_ledgers_v1');
    await all.pool.query('alter table rm.test_ledgers_v1_away rename to test_ledgers_v1');
    await all.caughtUp(models);
    expect(await all.balance(account, 'test_ledgers_v1')).toEqual([7, 7]);
    await all.book(1, account);
    await all.caughtUp(models);
    expect(worker.log.filter((line) => line.includes('nothing can be folded')).length).toBeLessThan(12);
  });
});
