import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RawEvents } from '@guanxi/event-store';
import type { EventMetadata, RecordedEvent } from '@guanxi/kernel';
import fc from 'fast-check';
import type { AccountRow, Step } from '../testing/ledger-model';
import { accounts, dayAt, historyOf } from '../testing/ledger-model';
import type { Running } from '../testing/running';
import { running, until } from '../testing/running';
import { tablesAsText } from '../testing/tables';
import { RawStore } from './raw-store';
import type { RebuildOutcome, RebuildParts, RebuildWatching } from './rebuild';
import { rebuild } from './rebuild';
import { rebuildEntries } from './rebuild-books';
import { cancelRebuild, pauseRebuild, rebuildStatus } from './rebuild-control';

const step = fc.record<Step>({
  kind: fc.constantFrom('booked', 'set', 'tagged', 'seen', 'redated'),
  day: fc.integer({ min: 0, max: 12 }),
  value: fc.integer({ min: -20, max: 20 }),
  joined: fc.boolean(),
});

const metadata = (): EventMetadata => ({
  commandId: randomUUID(),
  command: 'Test',
  commandHash: '',
  correlationId: '',
  actor: 'test',
  tenant: 'default',
  policyVersion: 0,
});

let it_: Running;
let spillDirectory: string;
beforeEach(async () => {
  it_ = await running();
  spillDirectory = mkdtempSync(join(tmpdir(), 'guanxi-rebuild-'));
});
afterEach(async () => {
  await it_.close();
  rmSync(spillDirectory, { recursive: true });
});

/** Appends events of one stream; those that were recorded together in one append. */
async function append(events: readonly RecordedEvent[]): Promise<void> {
  const appends = new Map<string, RecordedEvent[]>();
  for (const event of events)
    appends.set(event.recordedAt, [...(appends.get(event.recordedAt) ?? []), event]);
  for (const own of appends.values()) {
    const [first] = own;
    if (!first) continue;
    const news = own.map(({ type, occurredAt, data }) => ({ id: randomUUID(), type, occurredAt, data }));
    await it_.store.append([{ stream: first.stream, expected: 'any', events: news }], metadata());
  }
}

const build = (more: Partial<RebuildParts> = {}, watching: RebuildWatching = {}): Promise<RebuildOutcome> =>
  rebuild({ ...it_, models: [accounts], spillDirectory, ...more }, accounts.name, watching);

const open = async (count: number, steps: readonly Step[] = []): Promise<readonly string[]> => {
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const id of ids) await append(historyOf(`account-${id}`, steps));
  return ids;
};

const book = async (id: string, type: string, data: object): Promise<void> => {
  const news = [{ id: randomUUID(), type, occurredAt: dayAt(1), data: { ...data } }];
  await it_.store.append([{ stream: `account-${id}`, expected: 'any', events: news }], metadata());
};

async function parkedOf(generation: string): Promise<readonly unknown[]> {
  const { rows } = await it_.pool.query(
    `select id, stream, position, waiting, error, event_id, event_type from ops.parked_keys
      where generation = $1 order by id`,
    [generation],
  );
  return rows;
}

it('fills tables with the very rows that following the log put into those that serve', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { maxLength: 12 }), { minLength: 1, maxLength: 6 }),
      async (histories) => {
        for (const steps of histories) await append(historyOf(`account-${randomUUID()}`, steps));
        await it_.caughtUp();
        const { generation, state } = await build();
        expect(state).toBe('done');
        expect(await tablesAsText(it_.pool, generation)).toEqual(
          await tablesAsText(it_.pool, 'test_accounts_v1'),
        );
      },
    ),
    { numRuns: 12 },
  );
}, 120_000);

it('parks the keys that following parks, at the same events, with the same rows from before', async () => {
  const [poison, number, text, late, fine] = await open(5);
  const all = [poison ?? '', number ?? '', text ?? '', late ?? '', fine ?? ''] as const;
  for (const id of all) await book(id, 'account-booked.v1', { amount: 5 });
  await it_.caughtUp();
  await book(all[0], 'account-booked.v1', { amount: 666 });
  await book(all[1], 'account-booked.v1', { amount: 1e300 });
  await book(all[2], 'account-tagged.v1', { tag: 'a\u0000b' });
  await book(all[3], 'account-redated.v1', { redates: { revision: 1, to: dayAt(0) } });
  await it_.caughtUp();
  for (const id of all) await book(id, 'account-booked.v1', { amount: 7 });
  await it_.caughtUp();
  const notices: string[] = [];
  const { generation, parked } = await build({}, { onNotice: (notice) => notices.push(notice) });
  expect(parked).toBe(3);
  expect(await parkedOf(generation)).toEqual(await parkedOf('test_accounts_v1'));
  expect(await tablesAsText(it_.pool, generation)).toEqual(await tablesAsText(it_.pool, 'test_accounts_v1'));
  expect(notices.join()).toContain('no place in its table');
});

it('folds in threads what it folds by itself, and parks there as it does here', async () => {
  const ids = await open(40, [{ kind: 'set', day: 3, value: 9, joined: false }]);
  for (const id of ids) await book(id, 'account-booked.v1', { amount: 5 });
  await book(ids[3] ?? '', 'account-booked.v1', { amount: 666 });
  await book(ids[4] ?? '', 'account-tagged.v1', { tag: 'a\u0000b' });
  await book(ids[5] ?? '', 'account-booked.v1', { amount: 1e300 });
  await it_.caughtUp();
  const thread = join(__dirname, '../testing/rebuild-thread.cjs');
  const { generation, events } = await build({ thread, threads: 2, partEvents: 10 });
  expect(events).toBe(123);
  expect(await tablesAsText(it_.pool, generation)).toEqual(await tablesAsText(it_.pool, 'test_accounts_v1'));
  expect(await parkedOf(generation)).toEqual(await parkedOf('test_accounts_v1'));
  expect(await parkedOf(generation)).toHaveLength(3);
});

it('fails, and can go on, when a thread cannot begin', async () => {
  await open(3);
  await it_.caughtUp();
  const thread = join(spillDirectory, 'nothing.cjs');
  await expect(build({ thread, threads: 1 })).rejects.toThrow('nothing.cjs');
  expect(await build()).toMatchObject({ state: 'done', generation: 'test_accounts_v1_g2', events: 3 });
});

it('loses and doubles nothing while appends go on', async () => {
  const ids = await open(20);
  const stop = new AbortController();
  const appending = (async () => {
    for (let n = 0; !stop.signal.aborted; n += 1) {
      await pause(1);
      await book(ids[n % ids.length] ?? '', n % 5 === 0 ? 'account-set.v1' : 'account-booked.v1', {
        ...{ amount: n % 100, balance: n },
      });
    }
  })();
  for (let round = 0; round < 3; round += 1) {
    const { generation, state } = await build({ partEvents: 64 });
    expect(state).toBe('done');
    if (round === 2) {
      stop.abort();
      await appending;
      await it_.caughtUp();
      await until(async () => {
        const { position } = await it_.store.head();
        const { rows } = await it_.pool.query(
          'select from ops.checkpoints where generation = $1 and position < $2',
          [generation, String(position)],
        );
        return rows.length === 0;
      });
      const rebuilt = await tablesAsText(it_.pool, generation);
      expect(rebuilt).toEqual(await tablesAsText(it_.pool, 'test_accounts_v1'));
      expect(rebuilt['history']?.length).toBeGreaterThan(100);
    }
  }
}, 60_000);

/** A log whose reading does not end by itself. */
function endless(): { readonly raw: RawEvents; readonly begun: Promise<void> } {
  const all = new RawStore(it_.store);
  let tell: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (tell = resolve));
  const raw: RawEvents = {
    async *copy(range) {
      yield* all.copy(range);
      tell();
      for (;;) {
        await pause(5);
        yield Buffer.alloc(0);
      }
    },
  };
  return { raw, begun };
}

it('pauses when its signal comes, and goes on with the same generation', async () => {
  await open(10);
  await it_.caughtUp();
  const stop = new AbortController();
  const { raw, begun } = endless();
  const paused = build({ raw }, { signal: stop.signal });
  await begun;
  stop.abort();
  const { state, generation } = await paused;
  expect(state).toBe('paused');
  expect(await rebuildStatus(it_.pool, [accounts], accounts.name)).toMatchObject({ state, isRunning: false });
  expect(await build()).toMatchObject({ state: 'done', generation, events: 10 });
  expect(await tablesAsText(it_.pool, generation)).toEqual(await tablesAsText(it_.pool, 'test_accounts_v1'));
});

it.each(['pause', 'cancel'] as const)('hears from elsewhere that it is to %s', async (how) => {
  await open(3);
  const { raw, begun } = endless();
  const ending = build({ raw });
  await begun;
  const place = { pool: it_.pool, models: [accounts], spillDirectory };
  const asked = how === 'pause' ? pauseRebuild(place, accounts.name) : cancelRebuild(place, accounts.name);
  expect(await ending).toMatchObject({ state: how === 'pause' ? 'paused' : 'cancelled' });
  expect(await asked).toBe('test_accounts_v1_g2');
  const { rows } = await it_.pool.query(`select to_regclass('rm.test_accounts_v1_g2') is null as gone`);
  expect(rows).toEqual([{ gone: how === 'cancel' }]);
  expect(readdirSync(spillDirectory)).toEqual(how === 'cancel' ? [] : ['test_accounts_v1_g2']);
});

it('has nothing to pause or cancel where nothing is built, and drops what rests', async () => {
  const place = { pool: it_.pool, models: [accounts], spillDirectory };
  for (const end of [pauseRebuild, cancelRebuild]) {
    await expect(end(place, accounts.name)).rejects.toMatchObject({ code: 'rebuild.none' });
    await expect(end(place, 'nonsense')).rejects.toMatchObject({ code: 'projection.unknown' });
  }
  await expect(rebuild({ ...it_, models: [accounts], spillDirectory }, 'nonsense')).rejects.toMatchObject({
    code: 'projection.unknown',
  });
  expect(await build({}, { signal: AbortSignal.abort() })).toMatchObject({ state: 'paused' });
  expect(await cancelRebuild(place, accounts.name)).toBe('test_accounts_v1_g2');
  expect((await rebuildEntries(it_.pool))[0]).toMatchObject({ state: 'cancelled' });
  const notices: string[] = [];
  await build({}, { onNotice: (notice) => notices.push(notice) });
  await build({}, { onNotice: (notice) => notices.push(notice) });
  expect(notices).toEqual([
    expect.stringContaining('building test_accounts_v1_g3'),
    'dropped test_accounts_v1_g3, which did not serve',
    expect.stringContaining('building test_accounts_v1_g4'),
  ]);
});

it('fails with clear words where it cannot spill or the database goes, and goes on afterwards', async () => {
  await open(3);
  await it_.caughtUp();
  const file = join(spillDirectory, 'file');
  writeFileSync(file, '');
  await expect(build({ spillDirectory: file })).rejects.toMatchObject({ code: 'rebuild.spill-refused' });
  const { raw, begun } = endless();
  const broken = build({ raw });
  await begun;
  await it_.pool.query(
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = 7241003 and granted`,
  );
  const failure = expect(broken).rejects.toMatchObject({ code: 'rebuild.database-gone' });
  await until(async () => (await rebuildStatus(it_.pool, [accounts], accounts.name))?.isRunning === false);
  await failure;
  expect(await rebuildStatus(it_.pool, [accounts], accounts.name)).toMatchObject({
    ...{ state: 'failed', error: expect.stringContaining('again to go on') },
  });
  const { generation } = await build();
  expect(generation).toBe('test_accounts_v1_g2');
  expect(await tablesAsText(it_.pool, generation)).toEqual(await tablesAsText(it_.pool, 'test_accounts_v1'));
});

it('begins anew when the code has changed since it rested', async () => {
  await open(3);
  expect(await build({}, { signal: AbortSignal.abort() })).toMatchObject({
    generation: 'test_accounts_v1_g2',
  });
  const changed = { ...accounts, evolve: (row: AccountRow | null) => row };
  const notices: string[] = [];
  const outcome = await build({ models: [changed] }, { onNotice: (notice) => notices.push(notice) });
  expect(outcome).toMatchObject({ state: 'done', generation: 'test_accounts_v1_g3' });
  expect(notices[0]).toMatch(/code of test_accounts has changed.*begins anew/);
});
