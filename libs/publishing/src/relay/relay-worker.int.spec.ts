import { setTimeout as pause } from 'node:timers/promises';
import { MemoryEventStore } from '@guanxi/event-store';
import { Pool } from 'pg';
import type { TestDatabase } from '../../../../test/support/postgres';
import { testDatabase } from '../../../../test/support/postgres';
import { publishingMigrations } from '../migrations';
import { keptRelay, parkedStreams, wantRetry } from './relay-book';
import { relayLag } from './relay-lag';
import { RelayWorker } from './relay-worker';
import { FakePublisher } from './testing/fake-publisher';
import { count, registry, streamOf, thingsBook } from './testing/things';

const log = { info: () => undefined, warn: () => undefined };
let database: TestDatabase;
let pool: Pool;
const workers: RelayWorker[] = [];
const leaving: (() => void)[] = [];

beforeEach(async () => {
  database = await testDatabase();
  pool = new Pool({ connectionString: database.url });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  await pool.query('create schema ops');
  for (const Migration of publishingMigrations) await new Migration().up(pool);
});

afterEach(async () => {
  for (const leave of leaving.splice(0)) leave();
  for (const worker of workers.splice(0)) await worker.stop();
  await pool.end();
  await database.drop();
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never: ${condition.toString()}`);
    await pause(20);
  }
}

it('relays in one worker at a time, and in another one when its session is gone', async () => {
  const store = new MemoryEventStore();
  const publisher = new FakePublisher(() => undefined);
  const worker = (): RelayWorker => {
    const made = new RelayWorker({
      ...{ pool, store, registry, log, publisher, book: thingsBook() },
      standByMilliseconds: 50,
    });
    workers.push(made);
    made.start();
    return made;
  };
  const first = worker();
  await until(() => first.status?.phase === 'relaying');
  const second = worker();
  await count(store, [{ thing: 1, count: 1 }]);
  await until(() => publisher.sent.length === 1);
  expect(second.status).toBeUndefined();
  expect(publisher.opened).toBe(1);
  await pool.query(
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and objid = 7241601`,
  );
  await until(() => publisher.opened === 2);
  await count(store, [{ thing: 1, count: 2 }]);
  await until(() => publisher.sent.length === 2);
  await until(() => (first.status === undefined) !== (second.status === undefined));
});

const LOCK = 7_241_601;

/** A session that has the right to relay, and does nothing with it but what a test says. */
async function otherHolder() {
  const client = await pool.connect();
  leaving.push(() => {
    client.release(true);
  });
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  return {
    tell: () =>
      pool.query(
        `insert into ops.relay (name, phase, holder, since, updated_at)
         values ('relay', 'relaying', 'other:1', now(), clock_timestamp())
         on conflict (name) do update set updated_at = excluded.updated_at`,
      ),
  };
}

it('takes over from a worker that stands still, and not from one that shows that it lives', async () => {
  const store = new MemoryEventStore();
  const publisher = new FakePublisher(() => undefined);
  const holder = await otherHolder();
  await holder.tell();
  const warned: string[] = [];
  const worker = new RelayWorker({
    ...{ pool, store, registry, publisher, book: thingsBook(), patienceMilliseconds: 2_000 },
    log: { ...log, warn: (line) => warned.push(line) },
  });
  workers.push(worker);
  worker.start();
  const begun = performance.now();
  while (performance.now() - begun < 4_000) {
    await holder.tell();
    await pause(100);
  }
  expect(worker.status).toBeUndefined();
  await until(() => worker.status?.phase === 'relaying');
  expect(warned).toEqual([expect.stringMatching(/^the relay of another worker stands still/)]);
});

it('does not bar the one that went on while it had lost the right without noticing', async () => {
  const store = new MemoryEventStore();
  let isAway = false;
  const publisher = new FakePublisher((step) => (isAway && step === 'publish' ? 'away-before' : undefined));
  const worker = new RelayWorker({ pool, store, registry, log, publisher, book: thingsBook() });
  workers.push(worker);
  worker.start();
  await until(() => worker.status?.phase === 'relaying');
  const taking = otherHolder();
  await pool.query(
    `select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory' and granted and objid = $1`,
    [LOCK],
  );
  await taking;
  isAway = true;
  await count(store, [{ thing: 1, count: 1 }]);
  await until(() => worker.status === undefined);
  expect(publisher.opened).toBe(1);
});

it('shows how it stands, and tries keys again that somebody wants', async () => {
  const store = new MemoryEventStore();
  const publisher = new FakePublisher(() => undefined);
  let isMended = false;
  const book = thingsBook({ isTold: (value) => isMended || value !== 1 });
  const worker = new RelayWorker({ pool, store, registry, log, publisher, book });
  workers.push(worker);
  const clock = (): number => Date.now();
  expect(await relayLag({ pool, store, registry, book, clock })).toMatchObject({ relay: undefined, lag: 0n });
  worker.start();
  await count(store, [
    { thing: 1, count: 1 },
    { thing: 2, count: 2 },
  ]);
  await until(async () => (await parkedStreams(pool)).length === 1);
  expect(await parkedStreams(pool)).toMatchObject([
    {
      stream: streamOf(1),
      position: '1',
      contract: 'thing-counted.v1',
      reason: 'TypeError',
      isWanted: false,
    },
  ]);
  await until(async () => (await keptRelay(pool))?.position === 2n);
  expect(await relayLag({ pool, store, registry, book, clock })).toMatchObject({
    ...{ lag: 0n, lagSeconds: 0, relay: { phase: 'relaying' } },
  });
  expect(await wantRetry(pool, streamOf(2))).toEqual([]);
  expect(await wantRetry(pool)).toEqual([streamOf(1)]);
  await until(async () => (await parkedStreams(pool))[0]?.triedAt !== null);
  isMended = true;
  await wantRetry(pool, streamOf(1));
  await until(async () => (await parkedStreams(pool)).length === 0);
  expect(publisher.sent).toHaveLength(2);
  await workers.pop()?.stop();
  expect(await keptRelay(pool)).toMatchObject({ phase: 'stopped', position: 2n });
});
