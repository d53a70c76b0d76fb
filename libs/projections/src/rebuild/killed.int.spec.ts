import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { EventRegistry } from '@guanxi/event-store';
import { PostgresEventStore } from '@guanxi/event-store-postgres';
import { createPool, migrate } from '@guanxi/platform';
import type { Pool, PoolClient } from 'pg';
import type { TestDatabase } from '../../../../test/support/postgres';
import { testDatabase } from '../../../../test/support/postgres';
import { prepareReadModels } from '../generations';
import { retryParked } from '../parked-retry';
import { ProjectionRunner } from '../runner';
import { accounts } from '../testing/ledger-model';
import { until } from '../testing/running';
import { tablesAsText } from '../testing/tables';
import type { RebuildPhase } from './rebuild-books';
import { rebuildEntries } from './rebuild-books';
import { rebuildStatus } from './rebuild-control';

const ACCOUNTS = 400;
const EVENTS = 4_000;

let database: TestDatabase;
let pool: Pool;
let store: PostgresEventStore;
let spillDirectory: string;
beforeEach(async () => {
  database = await testDatabase();
  await migrate(database.url);
  pool = createPool({ url: database.url, name: 'test' });
  store = new PostgresEventStore(pool);
  spillDirectory = mkdtempSync(join(tmpdir(), 'guanxi-rebuild-'));
  await fill();
  await prepareReadModels(pool, [accounts]);
});
afterEach(async () => {
  await store.close();
  await pool.end();
  await database.drop();
  rmSync(spillDirectory, { recursive: true });
});

/** A log of accounts whose events lie between each other, one in ten of them late. */
async function fill(): Promise<void> {
  await pool.query(
    `insert into es.events
     select n, 'account-' || overlay(overlay(md5('account ' || n % $1) placing '4' from 13 for 1) placing 'a' from 17 for 1)::uuid,
            (n - 1) / $1, gen_random_uuid(),
            case when n <= $1 then 'account-opened.v1' when n % 7 = 0 then 'account-set.v1' else 'account-booked.v1' end,
            timestamptz '2026-01-01' + (case when n % 10 = 3 then n / 2 else n end) * interval '1 minute',
            timestamptz '2026-02-01' + n * interval '1 minute',
            case when n <= $1 then '{"owner":"somebody"}' when n % 7 = 0 then '{"balance":' || n || '}'
                 else '{"amount":' || n % 50 || '}' end,
            '{"commandId":"' || n || '"}'
       from generate_series(1, $2::integer) n`,
    [ACCOUNTS, EVENTS],
  );
  await pool.query(
    'update es.head set position = $1, recorded_at = (select max(recorded_at) from es.events)',
    [EVENTS],
  );
}

/** What comes in while the rebuild is under way is the workers' business. */
async function appendOneMore(): Promise<void> {
  await pool.query(
    `insert into es.events
     select position + 1, stream, revision + 1, gen_random_uuid(), 'account-booked.v1', occurred_at, recorded_at, '{"amount":1}', metadata
       from es.events where position = $1`,
    [EVENTS],
  );
  await pool.query('update es.head set position = $1', [EVENTS + 1]);
}

const place = (): { spillDirectory: string; partEvents: number } => ({ spillDirectory, partEvents: 500 });

const registry = new EventRegistry([]);

const child = (stalls = false): ChildProcess =>
  spawn(
    process.execPath,
    [
      join(__dirname, '../testing/rebuild-child.cjs'),
      JSON.stringify({ url: database.url, stalls, ...place() }),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );

async function waitingFor(table: string): Promise<boolean> {
  const { rows } = await pool.query(
    `select from pg_stat_activity where application_name = 'rebuild-child' and wait_event_type = 'Lock' and query ~ $1`,
    [table],
  );
  return rows.length > 0;
}

/** Holds a table, so that the child comes to a halt where it needs it, and kills the child there. */
async function killWhereItNeeds(table: string, lock: string, query: string): Promise<void> {
  const holder: PoolClient = await pool.connect();
  await holder.query('begin');
  await holder.query(`lock table ${table} in ${lock} mode`);
  const killed = child();
  await until(() => waitingFor(query));
  await kill(killed, () => holder.query('rollback'));
  holder.release();
}

/** Kills the child, and waits until the database knows. */
async function kill(
  killed: ChildProcess,
  then: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  const ended = once(killed, 'exit');
  killed.kill('SIGKILL');
  await ended;
  await then();
  await until(async () => {
    const { rows } = await pool.query(
      `select from pg_stat_activity where application_name = 'rebuild-child'`,
    );
    return rows.length === 0;
  });
}

/** Waits until the child says something. */
async function firstWordOf({ stdout }: ChildProcess): Promise<void> {
  if (!stdout) throw new Error('the child has no stdout');
  await once(stdout, 'data');
}

/** Tries a key again of which the rebuild has no more than half. */
async function retryOfBuilding(): Promise<unknown> {
  const { rows } = await pool.query<{ id: string }>(
    `insert into ops.parked_keys (generation, id, stream, position, error)
     select 'test_accounts_v1_g2', gen_random_uuid(), 'account-x', 1, 'poison' returning id`,
  );
  try {
    return await retryParked({ pool, store, registry }, accounts, 'test_accounts_v1_g2', rows[0]?.id ?? '');
  } finally {
    await pool.query('delete from ops.parked_keys');
  }
}

async function phaseOf(): Promise<RebuildPhase | undefined> {
  return (await rebuildEntries(pool, accounts.name))[0]?.phase;
}

async function partsDone(): Promise<number> {
  const { rows } = await pool.query('select from ops.rebuild_parts');
  return rows.length;
}

/** Follows the log as ever, and hands back the rows that this makes. */
async function followed(runner: ProjectionRunner): Promise<Readonly<Record<string, readonly string[]>>> {
  await runner.start();
  await until(async () => {
    const { rows } = await pool.query<{ least: string }>(
      `select min(position)::text as least from ops.checkpoints where generation = 'test_accounts_v1'`,
    );
    return rows[0]?.least === String(EVENTS + 1);
  });
  return tablesAsText(pool, 'test_accounts_v1');
}

const quiet = { info: () => undefined, warn: () => undefined };

it('killed while it reads, folds, makes indexes and waits, it goes on, and no row is lost or doubled', async () => {
  const reads = child(true);
  await firstWordOf(reads);
  await kill(reads);
  expect(await partsDone()).toBe(0);
  expect(await rebuildStatus(pool, [accounts], accounts.name)).toMatchObject({
    ...{ state: 'running', isRunning: false, generation: 'test_accounts_v1_g2' },
  });

  await killWhereItNeeds('ops.rebuild_parts', 'share row exclusive', 'rebuild_parts');
  await pool.query(
    `create function ops.hold() returns trigger language plpgsql as $$
     begin
       if (select count(*) from ops.rebuild_parts) = 3 then perform pg_advisory_xact_lock(77); end if;
       return new;
     end $$;
     create trigger hold before insert on ops.rebuild_parts for each row execute function ops.hold()`,
  );
  const holder = await pool.connect();
  await holder.query('select pg_advisory_lock(77)');
  const killed = child();
  await until(() => waitingFor('rebuild_parts'));
  expect(await partsDone()).toBe(3);
  await kill(killed, () => holder.query('select pg_advisory_unlock(77)'));
  holder.release();
  await pool.query('drop trigger hold on ops.rebuild_parts');

  await expect(retryOfBuilding()).rejects.toMatchObject({ code: 'projection.building' });
  await killWhereItNeeds('rm.test_accounts_v1_g2', 'row exclusive', 'add primary key');
  expect(await partsDone()).toBe(9);

  await appendOneMore();
  const waits = child();
  await until(async () => (await phaseOf()) === 'following');
  await kill(waits);

  const runner = new ProjectionRunner(pool, store, registry, [accounts], quiet);
  try {
    const living = await followed(runner);
    const last = child();
    if (!last.stdout) throw new Error('the child has no stdout');
    expect(JSON.parse(await text(last.stdout))).toMatchObject({
      state: 'done',
      generation: 'test_accounts_v1_g2',
      parked: 0,
    });
    expect(living['history']?.length).toBeGreaterThan(EVENTS / 2);
    expect(await tablesAsText(pool, 'test_accounts_v1_g2')).toEqual(living);
  } finally {
    await runner.stop();
  }
}, 120_000);

it('started twice is refused with a clear word, and the first goes on when it is called again', async () => {
  const first = child(true);
  await firstWordOf(first);
  expect(await rebuildStatus(pool, [accounts], accounts.name)).toMatchObject({ isRunning: true });
  const second = child();
  if (!second.stdout) throw new Error('the child has no stdout');
  expect(JSON.parse(await text(second.stdout))).toMatchObject({
    failed: { code: 'rebuild.running', message: expect.stringContaining('by another process') },
  });
  await kill(first);
  const runner = new ProjectionRunner(pool, store, registry, [accounts], quiet);
  await runner.start();
  const third = child();
  if (!third.stdout) throw new Error('the child has no stdout');
  expect(JSON.parse(await text(third.stdout))).toMatchObject({ state: 'done', events: EVENTS });
  await runner.stop();
}, 60_000);
