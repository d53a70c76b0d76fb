import { randomUUID } from 'node:crypto';
import type { EventMetadata, Instant, RecordedEvent } from '@guanxi/kernel';
import { createIndexes, createTables } from '../ddl';
import { addGeneration, inTransaction } from '../generations';
import type { AnyReadModel } from '../read-model';
import { accounts, dayAt, historyOf, learnedAt } from '../testing/ledger-model';
import type { Running } from '../testing/running';
import { running, until } from '../testing/running';
import { readBooks } from './books';
import { checkCode } from './code-check';
import { codeNotices } from './code-findings';
import type { DiffParts } from './diff';
import { diffGenerations } from './diff';
import { explainKey } from './explain';
import { readLag } from './lag';
import { listReadModels } from './listing';
import { replay } from './replay';
import { inScratchSchema } from './scratch-schema';
import { dropGeneration, switchServing } from './switching';

const NAME = 'test_accounts';
const V1 = 'test_accounts_v1';
const BESIDE = 'test_accounts_beside';

const metadata = (commandId: string): EventMetadata => ({
  ...{ commandId, command: 'Test', commandHash: '', correlationId: commandId },
  ...{ actor: 'test', tenant: 'default', policyVersion: 0 },
});

let it_: Running;
let parts: DiffParts;
beforeEach(async () => {
  it_ = await running();
  parts = { pool: it_.pool, store: it_.store, registry: it_.registry, models: [accounts] };
});
afterEach(() => it_.close());

type Told = Pick<RecordedEvent, 'stream' | 'type' | 'occurredAt' | 'data'>;

async function append(events: readonly Told[]): Promise<void> {
  for (const { stream, type, occurredAt, data } of events) {
    const news = [{ id: randomUUID(), type, occurredAt, data: { ...data } }];
    await it_.store.append([{ stream, expected: 'any', events: news }], metadata(randomUUID()));
  }
}

/** An account that was opened, booked and corrected late. */
async function account(id = randomUUID()): Promise<string> {
  await append(historyOf(`account-${id}`, []));
  await append([
    booked(id, 3, 10),
    booked(id, 5, 20),
    booked(id, 4, 100),
    { stream: `account-${id}`, type: 'account-tagged.v1', occurredAt: dayAt(6), data: { tag: 'vip' } },
  ]);
  return id;
}

const booked = (id: string, day: number, amount: number): Told => ({
  stream: `account-${id}`,
  type: 'account-booked.v1',
  occurredAt: dayAt(day),
  data: { amount },
});

/** Makes a generation beside the one that answers, and waits until workers have filled it. */
async function beside(
  model: AnyReadModel = accounts,
  status: 'following' | 'building' = 'following',
): Promise<void> {
  await inTransaction(it_.pool, async (client) => {
    await addGeneration(client, model, BESIDE, status);
    for (const make of [createTables, createIndexes])
      for (const statement of make(model, BESIDE)) await client.query(statement);
  });
  if (status === 'following') await caughtUp();
}

async function caughtUp(): Promise<void> {
  const { position } = await it_.store.head();
  await until(async () => (await readBooks(it_.pool)).every(({ lowest }) => lowest >= position));
}

describe('listing', () => {
  it('tells generations, shards, rows, bytes and how the code relates to them', async () => {
    await account();
    await beside();
    await it_.pool.query(`update ops.generations set fingerprint = 'another' where generation = $1`, [V1]);
    const [listed] = await listReadModels(parts);
    expect(listed).toMatchObject({ model: NAME, version: 1 });
    expect(listed?.generations).toMatchObject([
      {
        ...{ generation: V1, version: 1, status: 'following', serves: true, previous: false },
        ...{ rows: 1, counted: true, position: '5', lag: '0', parked: 0, code: 'changed' },
        shards: [0, 1, 2, 3].map((shard) => ({ shard, position: '5', holder: expect.any(String) })),
      },
      { generation: BESIDE, serves: false, rows: 1, code: 'unknown' },
    ]);
    for (const { bytes } of listed?.generations ?? []) expect(bytes).toBeGreaterThan(8_192);
  });

  it('tells lag in events and seconds, and the rate since the look before', async () => {
    const id = await account();
    await caughtUp();
    const now = learnedAt(100);
    expect((await readLag(parts, now)).generations).toMatchObject([
      { generation: V1, serves: true, position: '5', events: '0', seconds: 0 },
    ]);
    await it_.runner.stop();
    await append([booked(id, 7, 1), booked(id, 7, 1)]);
    const later = await readLag(parts, now);
    const [first] = await it_.store.readStream(`account-${id}`, { from: 5, limit: 1 });
    const waited = (Date.parse(now) - Date.parse(first?.recordedAt ?? '')) / 1_000;
    expect(later).toMatchObject({ head: '7', generations: [{ events: '2', seconds: waited, rate: 0 }] });
    expect(later.generations[0]).not.toHaveProperty('secondsLeft');
    await it_.pool.query(
      `update ops.projection_looks set position = 0, looked_at = looked_at - interval '10 seconds'`,
    );
    const [last] = (await readLag(parts, now)).generations;
    expect(last?.rate).toBeGreaterThan(0.2);
    expect(last?.rate).toBeLessThanOrEqual(0.5);
    expect(last?.secondsLeft).toBeGreaterThanOrEqual(4);
  });
});

describe('diff', () => {
  it('finds generations of the same code equal, at one position, also when one lags behind', async () => {
    const id = await account();
    await beside();
    expect(await diffGenerations(parts, NAME)).toMatchObject({ other: BESIDE, position: '5', differing: 0 });
    await it_.runner.stop();
    // The one goes on as if by itself: the other is still where both had been.
    await it_.pool.query(`update ops.checkpoints set position = 3 where generation = $1 and shard = 0`, [
      BESIDE,
    ]);
    await it_.pool.query(`delete from ops.serving`);
    await it_.pool.query(`insert into ops.serving (model, generation) values ($1, $2)`, [NAME, V1]);
    const at3 = await diffGenerations(parts, NAME, { generation: BESIDE });
    expect(at3).toMatchObject({ position: '3', differing: 0, keys: [] });
    expect(at3.tables).toMatchObject([
      { table: 'rows', left: { rows: 1 }, right: { rows: 1 } },
      { table: 'versions', left: { rows: 3 } },
      { table: 'movements', left: { rows: 2 } },
    ]);
    expect(id).toBeDefined();
  });

  it('names keys that differ with both rows, what each holds alone, and the events', async () => {
    const ids = [await account(), await account(), await account()];
    await beside();
    const [same = '', row = '', gone = ''] = ids;
    await it_.pool.query(`update rm.${BESIDE} set balance = 7 where id = $1`, [row]);
    await it_.pool.query(`delete from rm.${BESIDE} where id = $1`, [gone]);
    await it_.pool.query(`delete from rm.${BESIDE}_history where id = $1`, [gone]);
    await it_.pool.query(
      `update rm.${BESIDE}_movements set superseded_pos = 3 where id = $1 and known_pos = 12`,
      [gone],
    );
    const diff = await diffGenerations(parts, NAME);
    expect(diff.differing).toBe(2);
    const byKey = new Map(diff.keys.map((each) => [each.key, each]));
    expect(byKey.has(same)).toBe(false);
    expect(byKey.get(row)).toMatchObject({
      tables: ['rows', 'versions'],
      serving: { row: { balance: 130 }, only: { versions: [{ row: { balance: 130 } }], movements: [] } },
      other: { row: { balance: 7 }, only: { versions: [{ row: { balance: 7 } }] } },
      eventCount: 5,
    });
    expect(byKey.get(row)?.events.map(({ type, position }) => `${type} ${position}`)).toEqual([
      'account-opened.v1 6',
      ...['7', '8', '9'].map((position) => `account-booked.v1 ${position}`),
      'account-tagged.v1 10',
    ]);
    expect(byKey.get(row)?.events[0]).not.toHaveProperty('data');
    expect(byKey.get(gone)).toMatchObject({
      tables: ['movements', 'rows', 'versions'],
      other: { row: null },
    });
    const bounded = await diffGenerations(parts, NAME, { keys: 1, withData: true });
    expect([bounded.differing, bounded.keys.length]).toEqual([2, 1]);
    expect(bounded.keys[0]?.events[1]).toMatchObject({ data: { amount: 10 } });
  });

  it('compares what both have where the code has gained a column', async () => {
    await account();
    await beside();
    const grown = { ...accounts, version: 2, columns: { ...accounts.columns, note: 'text' } };
    const diff = await diffGenerations({ ...parts, models: [grown as AnyReadModel] }, NAME);
    expect(diff).toMatchObject({ differing: 0, missingColumns: [`${V1}: note`] });
  });

  it('refuses in clear words what cannot be compared', async () => {
    await expect(diffGenerations(parts, 'nonsense')).rejects.toThrow(
      'there is no read model nonsense; there are test_accounts',
    );
    await expect(diffGenerations(parts, NAME)).rejects.toThrow(/guanxi projections rebuild test_accounts/);
    await expect(diffGenerations(parts, NAME, { generation: V1 })).rejects.toThrow(/the one that answers/);
    await expect(diffGenerations(parts, NAME, { generation: 'x' })).rejects.toThrow(
      /no generation x; there are test_accounts_v1/,
    );
    await beside(accounts, 'building');
    await expect(diffGenerations(parts, NAME)).rejects.toThrow(/still being built/);
  });
});

describe('switch', () => {
  it('lets the other one answer, and goes back', async () => {
    await account();
    await beside();
    expect(await switchServing(parts, NAME)).toEqual({
      ...{ model: NAME, from: V1, to: BESIDE, position: '5', lag: '0', parked: 0 },
    });
    const books = async () =>
      (await readBooks(it_.pool)).map(({ generation, serves, previous }) => ({
        generation,
        serves,
        previous,
      }));
    expect(await books()).toEqual([
      { generation: V1, serves: false, previous: true },
      { generation: BESIDE, serves: true, previous: false },
    ]);
    expect(await switchServing(parts, NAME, { back: true })).toMatchObject({ from: BESIDE, to: V1 });
    expect(await switchServing(parts, NAME, { back: true })).toMatchObject({ from: V1, to: BESIDE });
    await expect(switchServing(parts, NAME, { generation: BESIDE })).rejects.toMatchObject({
      code: 'projection.same-generation',
    });
  });

  it('is refused while the other one builds, lags, lacks a column, or is none', async () => {
    const id = await account();
    await expect(switchServing(parts, NAME)).rejects.toMatchObject({ code: 'projection.only-one' });
    await expect(switchServing(parts, NAME, { back: true })).rejects.toMatchObject({
      code: 'projection.no-previous',
    });
    await beside(accounts, 'building');
    await expect(switchServing(parts, NAME)).rejects.toMatchObject({ code: 'projection.building' });
    await it_.pool.query(`update ops.generations set status = 'following' where generation = $1`, [BESIDE]);
    await caughtUp();
    await it_.runner.stop();
    await append([booked(id, 7, 1), booked(id, 7, 1)]);
    const impatient = { patienceMilliseconds: 1 };
    await expect(switchServing(parts, NAME, impatient)).rejects.toThrow(
      /at position 5, 2 events behind.*--behind/,
    );
    expect(await switchServing(parts, NAME, { behind: true })).toMatchObject({ lag: '2', to: BESIDE });
    const grown = { ...accounts, version: 2, columns: { ...accounts.columns, note: 'text' } };
    await it_.pool.query(`update ops.generations set columns = $1`, [JSON.stringify(accounts.columns)]);
    await expect(
      switchServing({ ...parts, models: [grown as AnyReadModel] }, NAME, { behind: true }),
    ).rejects.toThrow(/no column note/);
  });

  it('waits for one that is about to catch up', async () => {
    const id = await account();
    await beside();
    await append(Array.from({ length: 50 }, () => booked(id, 8, 1)));
    expect(await switchServing(parts, NAME)).toMatchObject({ to: BESIDE, lag: '0', position: '55' });
  });

  it('never mixes generations in one answer, however often it goes back and forth', async () => {
    await account();
    await account();
    await beside();
    await it_.runner.stop();
    await it_.pool.query(`update rm.${BESIDE} set owner = 'beside'`);
    await it_.pool.query(`update rm.${BESIDE}_history set owner = 'beside'`);
    let switches = 0;
    let done = false;
    const switching = (async () => {
      await switchServing(parts, NAME, { generation: BESIDE });
      while (!done) {
        await switchServing(parts, NAME, { back: true });
        switches += 1;
      }
    })();
    const seen = new Map<string, number>();
    while (switches < 40 || seen.size < 2) {
      const { owners } = await it_.queries.answer([accounts], {}, async (snapshot) => {
        const found: string[] = [];
        for (const rows of [snapshot.of(accounts), snapshot.of(accounts, dayAt(4)), snapshot.of(accounts)]) {
          for (const { owner } of await snapshot.rows<{ owner: string }>(`select owner from ${rows} r`))
            found.push(owner);
        }
        return { owners: found };
      });
      expect(owners).toHaveLength(6);
      expect(new Set(owners).size).toBe(1);
      const [owner = ''] = owners;
      seen.set(owner, (seen.get(owner) ?? 0) + 1);
    }
    done = true;
    await switching;
    expect([...seen.keys()].sort()).toEqual(['beside', 'somebody']);
  });

  it('drops one that does not answer, and only that', async () => {
    await account();
    await beside();
    await expect(dropGeneration(parts, NAME, V1)).rejects.toMatchObject({ code: 'projection.serves' });
    await dropGeneration(parts, NAME, BESIDE);
    expect((await readBooks(it_.pool)).map(({ generation }) => generation)).toEqual([V1]);
    const { rows } = await it_.pool.query(`select to_regclass('rm.${BESIDE}') as there`);
    expect(rows).toEqual([{ there: null }]);
    await account();
    await it_.caughtUp();
  });
});

describe('explain', () => {
  it('tells the versions of a row on both axes, and the events behind each', async () => {
    const id = await account();
    await caughtUp();
    const told = await explainKey(parts, NAME, id.toUpperCase());
    expect(told).toMatchObject({
      generation: V1,
      key: id,
      position: '5',
      row: { balance: 130, tags: ['vip'] },
    });
    expect(told.events.map(({ position }) => position)).toEqual(['1', '2', '3', '4', '5']);
    const shown = told.versions.map(({ row, opened, closed, superseded, answers }) => [
      (row as { balance: number }).balance,
      ...[opened, closed, superseded].map((event) => event?.position),
      answers,
    ]);
    expect(shown).toEqual([
      [0, '1', '2', undefined, false],
      // Learned late that it was more: from position 4 on this version's end, and the next one, are wrong.
      [10, '2', '3', '4', false],
      [30, '3', undefined, '4', false],
      [10, '4', '4', undefined, false],
      [110, '4', '4', undefined, false],
      [130, '4', '5', undefined, false],
      [130, '5', undefined, undefined, true],
    ]);
    expect(told.versions.at(-1)?.changed).toEqual(['tags']);
  });

  it('tells what was, and what was known', async () => {
    const id = await account();
    await caughtUp();
    const [, , third] = await it_.store.readStream(`account-${id}`);
    const asKnownAt = third?.recordedAt;
    const then = { asOf: dayAt(4), ...(asKnownAt ? { asKnownAt } : {}) };
    const told = await explainKey(parts, NAME, id, { ...then, withData: true });
    expect(told).toMatchObject({ position: '3', asOf: dayAt(4), row: { balance: 10 } });
    expect(told.versions.map(({ superseded }) => superseded)).toEqual([null, null, null]);
    expect(told.events[1]).toMatchObject({ data: { amount: 10 } });
    expect(await explainKey(parts, NAME, id, { asOf: dayAt(-1) })).toMatchObject({ row: null });
    expect(await explainKey(parts, NAME, id, { asOf: dayAt(900) })).toMatchObject({ row: { balance: 130 } });
    const before = '2000-01-01T00:00:00.000Z' as Instant;
    const nothing = await explainKey(parts, NAME, id, { asKnownAt: before });
    expect(nothing).toMatchObject({ position: '0', row: null, versions: [], events: [] });
  });

  it('refuses what is no key, and what nobody knows', async () => {
    await expect(explainKey(parts, NAME, 'x')).rejects.toMatchObject({ code: 'projection.key-malformed' });
    await expect(explainKey(parts, NAME, randomUUID())).rejects.toThrow(
      /test_accounts_v1 holds nothing about/,
    );
  });
});

describe('replay', () => {
  it('agrees with the live answer at every moment on both axes', async () => {
    for (let count = 0; count < 5; count += 1) await account();
    await caughtUp();
    const events = await it_.store.readStreams([], accounts.types);
    expect(events).toEqual([]);
    const { position: head } = await it_.store.head();
    const moments = [dayAt(-1), dayAt(3), dayAt(4), dayAt(5), dayAt(900), undefined];
    for (const asOf of moments) {
      for (const known of [learnedAt(0), learnedAt(3), learnedAt(8), learnedAt(900), undefined]) {
        const found = await replay(parts, NAME, {
          ...(asOf ? { asOf } : {}),
          ...(known ? { asKnownAt: known } : {}),
        });
        expect(found).toMatchObject({ generation: V1, differing: 0, unfoldable: [] });
        if (known === undefined)
          expect(found).toMatchObject({ position: String(head), foldedKeys: 5, events: 25 });
        if (known === learnedAt(0)) expect(found).toMatchObject({ position: '0', foldedKeys: 0 });
      }
    }
    const { rows } = await it_.pool.query(`select nspname from pg_namespace where nspname like 'replay%'`);
    expect(rows).toEqual([]);
  });

  it('shows where the live answer is another one, and keeps its schema when asked', async () => {
    const ids = [await account(), await account(), await account()];
    await caughtUp();
    await it_.pool.query(`update rm.${V1} set balance = 7 where id = $1`, [ids[1]]);
    await it_.pool.query(`delete from rm.${V1}_movements where id = $1 and known_pos = 12`, [ids[2]]);
    const found = await replay(parts, NAME, { keep: true });
    expect(found.differing).toBe(2);
    expect(found.keys.find(({ key }) => key === ids[1])).toMatchObject({
      ...{ tables: ['rows'], live: { balance: 7 }, replayed: { balance: 130 } },
    });
    expect(found.keys.find(({ key }) => key === ids[2])).toMatchObject({ tables: ['movements'] });
    const { rows } = await it_.pool.query(`select count(*)::int as rows from ${found.schema}.${NAME}`);
    expect(rows).toEqual([{ rows: 3 }]);
    expect(await replay(parts, NAME, { keys: [ids[0] ?? ''] })).toMatchObject({
      differing: 0,
      foldedKeys: 1,
    });
    expect(await replay(parts, NAME, { keys: [ids[1] ?? ''] })).toMatchObject({
      differing: 1,
      foldedKeys: 1,
    });
  });

  it('takes away what a killed replay has left, and nothing that is kept or under way', async () => {
    const schemas = async (): Promise<readonly string[]> => {
      const { rows } = await it_.pool.query<{ nspname: string }>(
        `select nspname from pg_namespace where nspname like 'replay%' order by nspname`,
      );
      return rows.map(({ nspname }) => nspname);
    };
    const { schema: kept } = await replay(parts, NAME, { keep: true });
    await it_.pool.query(
      `create schema replay_abandoned; comment on schema replay_abandoned is 'replay that has not ended';
       create schema replay_foreign`,
    );
    let during: readonly string[] = [];
    const slow = inScratchSchema(it_.pool, false, async (schema) => {
      await replay(parts, NAME);
      during = await schemas();
      return schema;
    });
    const underWay = await slow;
    expect(during).toEqual([kept, 'replay_foreign', underWay].sort());
    expect(await schemas()).toEqual([kept, 'replay_foreign'].sort());
    await it_.pool.query(`drop schema replay_foreign; drop schema ${kept ?? ''} cascade`);
  });

  it('tells keys that cannot be folded, and can be broken off without a trace', async () => {
    const id = await account();
    await append([booked(id, 9, 666)]);
    await caughtUp();
    expect(await replay(parts, NAME)).toMatchObject({
      unfoldable: [{ key: id, error: 'this amount cannot be folded' }],
    });
    const stopped = replay(parts, NAME, { signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'replay.interrupted' });
    const { rows } = await it_.pool.query(`select nspname from pg_namespace where nspname like 'replay%'`);
    expect(rows).toEqual([]);
    await expect(replay(parts, NAME, { keys: ['x'] })).rejects.toMatchObject({
      code: 'projection.key-malformed',
    });
  });
});

describe('folding keys anew at the start', () => {
  it('finds nothing where the code is the one that made the rows', async () => {
    await account();
    await caughtUp();
    expect(await checkCode(parts)).toEqual([]);
    expect(await codeNotices(it_.pool)).toEqual([]);
    const { rows } = await it_.pool.query('select keys, differing from ops.code_findings');
    expect(rows).toEqual([{ keys: 1, differing: 0 }]);
  });

  it('finds what a helper does otherwise, names fields and no value, and forgets it when that is over', async () => {
    const id = await account();
    // The newest event of its type lies far behind the last page of the log.
    const late = await account();
    await append(Array.from({ length: 1_200 }, (_, index) => booked(late, 10 + index, 1)));
    await caughtUp();
    let rate = 1;
    const helper = (balance: number): number => balance * rate;
    const model: AnyReadModel = {
      ...accounts,
      evolve: (row, event, key) => {
        const after = accounts.evolve(row as never, event as never, key);
        return after && event.type === 'account-tagged.v1'
          ? { ...after, balance: helper(after.balance) }
          : after;
      },
    };
    const changed = { ...parts, models: [model] };
    expect(await checkCode(changed)).toEqual([]);
    rate = 2;
    const [notice, ...others] = await checkCode(changed);
    expect(others).toEqual([]);
    expect(notice).toMatch(
      /of 1 keys folded anew 1 differ, in balance, movements .*projections rebuild test_accounts/,
    );
    expect(notice).toContain(late);
    expect(notice?.replace(late, '')).not.toMatch(/130|260/);
    expect(await codeNotices(it_.pool)).toEqual([notice]);
    const [listed] = await listReadModels(changed);
    expect(listed?.generations[0]).toMatchObject({
      code: 'differs',
      finding: { differences: ['balance', 'movements'] },
    });
    rate = 1;
    expect(await checkCode(changed)).toEqual([]);
    expect(await codeNotices(it_.pool)).toEqual([]);
    expect(id).not.toBe(late);
  });

  it('leaves parked keys alone, and gives up when its time is over', async () => {
    const id = await account();
    await append([booked(id, 9, 666)]);
    await caughtUp();
    expect(await checkCode(parts)).toEqual([]);
    expect(await checkCode(parts, { signal: AbortSignal.abort() })).toEqual([]);
    expect((await it_.pool.query('select from ops.code_findings')).rowCount).toBe(0);
  });
});
