import { randomUUID } from 'node:crypto';
import type { EventMetadata, RecordedEvent } from '@guanxi/kernel';
import { event, idOf, parseInstant, retiredEvent } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import { DeadLetters } from './dead-letters';
import { foldKey } from './key-fold';
import { rowsAt } from './moment';
import { streamKeyOf } from './placing';
import type { AnyReadModel, ReadModel } from './read-model';
import { readTypes } from './row-codec';
import type { AccountEvent, AccountMovement, AccountRow, Step } from './testing/ledger-model';
import { accounts, dayAt, historyOf } from './testing/ledger-model';
import type { Running } from './testing/running';
import { running, until } from './testing/running';
import { foldTimeline } from './versions';

const metadata = (commandId: string): EventMetadata => ({
  ...{ commandId, command: 'Test', commandHash: '', correlationId: commandId, actor: 'test' },
  ...{ tenant: 'default', policyVersion: 0 },
});

type Told = Pick<RecordedEvent, 'type' | 'data'> & { readonly day?: number };

const opened = { type: 'account-opened.v1', data: { owner: 'somebody' } };
const booked = (amount: number, day?: number): Told => ({
  ...{ type: 'account-booked.v1', data: { amount } },
  ...(day === undefined ? {} : { day }),
});

/** Accounts that must not be overdrawn at any moment: whether that is so depends on the order of what happened. */
const strict: ReadModel<AccountRow, AccountEvent, AccountMovement> = {
  ...accounts,
  name: 'strict',
  evolve: (row, happened, key) => {
    const after = accounts.evolve(row, happened, key);
    if ((after?.balance ?? 0) < 0) throw new Error('overdrawn');
    return after;
  },
};

const fixed: ReadModel<AccountRow, AccountEvent, AccountMovement> = {
  ...accounts,
  evolve: (row, happened, key) =>
    row && happened.type === 'account-booked.v1' && happened.data.amount === 666
      ? { ...row, balance: row.balance + 666 }
      : accounts.evolve(row, happened, key),
};

/** Reads what it has no handler for, and events whose key lies in their data. */
const careless: AnyReadModel = {
  ...accounts,
  name: 'careless',
  types: [...accounts.types, 'account-forgotten.v1', 'account-noted.v1', 'transfer-made.v1'],
  manyStreams: 'of-its-types',
  keyOf: (recorded) =>
    recorded.type === 'transfer-made.v1'
      ? String((recorded.data['to'] as { id: string }).id)
      : idOf(recorded.stream),
  evolve: (row: AccountRow | null, happened, key) => {
    if (happened.type === 'account-forgotten.v1') return undefined;
    if (happened.type === 'transfer-made.v1') return row && { ...row, balance: row.balance + 1 };
    return accounts.evolve(row, happened, key);
  },
};
const lenient: AnyReadModel = {
  ...careless,
  keyOf: (recorded) =>
    recorded.type === 'transfer-made.v1' && typeof recorded.data['to'] === 'string'
      ? recorded.data['to']
      : careless.keyOf(recorded),
};

const contracts = [
  event('account-forgotten.v1', Type.Any()),
  event('transfer-made.v1', Type.Any()),
  retiredEvent('account-noted.v1', Type.Any(), {
    to: 'account-booked.v1',
    data: ({ sum }) => {
      if (typeof sum !== 'number') throw new Error('a note without a sum');
      return { amount: sum };
    },
  }),
];

describe('parked keys', () => {
  let it_: Running;
  let letters: DeadLetters;
  beforeAll(async () => {
    it_ = await running([accounts, strict, careless], contracts);
    letters = officeOf([accounts, strict, careless]);
  });
  afterAll(() => it_.close());

  const officeOf = (models: readonly AnyReadModel[]): DeadLetters =>
    new DeadLetters(it_, models, () => dayAt(2_000));

  /** Appends events in one go to one stream. */
  async function tell(stream: string, ...told: readonly Told[]): Promise<readonly RecordedEvent[]> {
    const events = told.map(({ type, data, day = 1 }) => ({
      ...{ id: randomUUID(), type, occurredAt: dayAt(day), data },
    }));
    await it_.store.append([{ stream, expected: 'any', events }], metadata(randomUUID()));
    return (await it_.store.readStream(stream)).slice(-told.length);
  }

  async function rowOf(id: string, model: AnyReadModel = accounts, generation = `${model.name}_v1`) {
    const sql = rowsAt({ model, generation }, { asOf: null, known: null });
    const text = `select balance, tags from ${sql} r where id = $1`;
    const { rows } = await it_.pool.query({ text, values: [id], types: readTypes });
    return rows.map(({ balance, tags }) => ({ balance, ...(tags ? { tags } : {}) }));
  }

  const parkedAt = async (key: string, model: AnyReadModel = accounts) =>
    (await letters.list({ key, model: model.name })).map(({ position, waiting, error }) => ({
      ...{ position, waiting, error },
    }));

  it('are set aside at the event that halts them in the midst of a batch, with what came before it', async () => {
    const id = randomUUID();
    const told = await tell(`account-${id}`, opened, booked(5), booked(666), booked(1), booked(2));
    await it_.caughtUp();
    expect(await rowOf(id)).toEqual([{ balance: 5 }]);
    const position = String(told[2]?.position);
    expect(await parkedAt(id)).toEqual([{ position, waiting: 2, error: 'this amount cannot be folded' }]);
    await tell(`account-${id}`, booked(3));
    await it_.caughtUp();
    expect(await parkedAt(id)).toMatchObject([{ position, waiting: 3 }]);
  });

  it('hold what a fold up to the first halting event holds, whatever the order of events and batches', async () => {
    const step = fc.record<Step>({
      kind: fc.constantFrom('booked', 'set', 'seen', 'redated'),
      day: fc.integer({ min: 0, max: 9 }),
      value: fc.integer({ min: -20, max: 20 }),
      joined: fc.constant(false),
    });
    let halts = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 2, maxLength: 9 }),
        fc.array(fc.boolean(), { maxLength: 9 }),
        async (steps, waits) => {
          const id = randomUUID();
          for (const [index, { type, data, occurredAt }] of historyOf(`account-${id}`, steps).entries()) {
            const day = (Date.parse(occurredAt) - Date.parse(dayAt(0))) / 86_400_000;
            await tell(`account-${id}`, { type, data, day });
            if (waits[index]) await it_.caughtUp();
          }
          await it_.caughtUp();
          const events = await it_.store.readStream(`account-${id}`);
          const { halt } = foldKey(strict, id, events);
          halts += halt ? 1 : 0;
          expect(await parkedAt(id, strict)).toEqual(
            halt
              ? [{ position: String(halt.event.position), waiting: halt.waiting, error: 'overdrawn' }]
              : [],
          );
          for (const { position: known } of events) {
            const taken = events.filter(
              ({ position }) => position <= known && position < (halt?.event.position ?? known + 1n),
            );
            const { versions } = foldTimeline(strict, id, taken);
            for (const day of [0, 3, 6, 9]) {
              const t = dayAt(day);
              const sql = rowsAt({ model: strict, generation: 'strict_v1' }, { asOf: t, known });
              const { rows } = await it_.pool.query(`select balance::int from ${sql} r where id = $1`, [id]);
              const expected = versions.filter(
                (v) => v.validFrom <= t && (v.validTo === null || v.validTo > t),
              );
              expect(rows).toEqual(expected.map(({ row }) => ({ balance: (row as AccountRow).balance })));
            }
          }
        },
      ),
      { numRuns: 30 },
    );
    expect(halts).toBeGreaterThan(5);
  }, 120_000);

  it('are set aside at the very event whose row the database refuses, and keep what came before it', async () => {
    const [bad, good] = [randomUUID(), randomUUID()];
    const tag = { type: 'account-tagged.v1', data: { tag: 'a\u0000b' } };
    const told = await tell(`account-${bad}`, opened, booked(1), tag, booked(2));
    await tell(`account-${good}`, opened, booked(7));
    await it_.caughtUp();
    expect(await rowOf(good)).toEqual([{ balance: 7 }]);
    expect(await rowOf(bad)).toEqual([{ balance: 1 }]);
    const refused = {
      position: String(told[2]?.position),
      waiting: 1,
      error: expect.stringContaining('encoding'),
    };
    expect(await parkedAt(bad)).toEqual([refused]);
    expect(await letters.retry({ key: bad, model: 'test_accounts' })).toMatchObject([
      { status: 'parked', position: refused.position },
    ]);
    expect(await letters.list({ key: bad, model: 'test_accounts' })).toMatchObject([
      { ...refused, attempts: 2 },
    ]);
  });

  it.each<[string, Told, string]>([
    [
      'has no handler',
      { type: 'account-forgotten.v1', data: {} },
      'careless has no handler for events of type account-forgotten.v1',
    ],
    [
      'cannot be lifted to its newest version',
      { type: 'account-noted.v1', data: {} },
      'a note without a sum',
    ],
  ])('are those of an event that %s, while all others go on', async (_, told, error) => {
    const [bad, good] = [randomUUID(), randomUUID()];
    const [, halting] = await tell(`account-${bad}`, opened, told, booked(1));
    await tell(`account-${good}`, opened, { type: 'account-noted.v1', data: { sum: 4 } });
    await it_.caughtUp();
    expect(await rowOf(good, careless)).toEqual([{ balance: 4 }]);
    expect(await parkedAt(bad, careless)).toEqual([
      { position: String(halting?.position), waiting: 1, error },
    ]);
  });

  it('stand for a stream whose events have no key, until code that finds one folds them', async () => {
    const id = randomUUID();
    await tell(`account-${id}`, opened);
    await tell(`transfer-${id}`, { type: 'transfer-made.v1', data: { to: id } });
    await tell(`transfer-${id}`, { type: 'transfer-made.v1', data: {} });
    await tell('account-of-nobody', opened, booked(1));
    await it_.caughtUp();
    const key = streamKeyOf(`transfer-${id}`);
    expect(await parkedAt(key, careless)).toMatchObject([{ waiting: 1 }]);
    for (const model of [accounts, strict, careless]) {
      expect(await parkedAt(streamKeyOf('account-of-nobody'), model)).toMatchObject([
        { waiting: 1, error: expect.stringMatching(/"of-nobody".*is no UUID/) },
      ]);
    }
    expect(await rowOf(id, careless)).toEqual([{ balance: 0 }]);
    const retried = await officeOf([lenient]).retry({ key, model: 'careless' });
    expect(retried).toMatchObject([{ status: 'parked', error: expect.stringContaining('undefined') }]);
    expect(await rowOf(id, careless)).toEqual([{ balance: 1 }]);
    const { retried: afterSkip } = await officeOf([lenient]).skip({
      key,
      model: 'careless',
      reason: 'no key',
      actor: 'me',
    });
    expect(afterSkip).toMatchObject([{ status: 'healed' }]);
    expect(await parkedAt(key, careless)).toEqual([]);
  });

  it('are shown with the event, where in the code it halted, and what waits; data only when asked for', async () => {
    const id = randomUUID();
    await tell(`account-${id}`, opened, booked(666), booked(1));
    await it_.caughtUp();
    const [detail] = await letters.show(id, { model: 'test_accounts' });
    expect(detail).toMatchObject({
      letter: {
        model: 'test_accounts',
        generation: 'test_accounts_v1',
        serves: true,
        key: id,
        waiting: 1,
        attempts: 1,
      },
      stack: expect.stringContaining('ledger-model'),
      halted: { type: 'account-booked.v1', revision: 1 },
      behind: [{ type: 'account-booked.v1', revision: 2 }],
    });
    expect(parseInstant(String(detail?.letter.since))).toBe(detail?.letter.since);
    expect(JSON.stringify(detail)).not.toContain('"amount"');
    const [withData] = await letters.show(id.toUpperCase(), { model: 'test_accounts', withData: true });
    expect(withData).toMatchObject({ halted: { data: { amount: 666 } }, behind: [{ data: { amount: 1 } }] });
  });

  it('lose only the event that is meant, also where a skip is asked for twice', async () => {
    const id = randomUUID();
    const told = await tell(`account-${id}`, opened, booked(666, 3), booked(666, 4), booked(1, 5));
    await it_.caughtUp();
    const [, first, second] = told.map(({ position }) => String(position));
    const order = { key: id, model: 'test_accounts', reason: 'a test booking', actor: 'operator' };
    const skipped = await letters.skip({ ...order, position: first });
    expect(skipped).toMatchObject({ isNew: true, retried: [{ status: 'parked', position: second }] });
    await expect(letters.skip({ ...order, position: first })).rejects.toMatchObject({
      code: 'dead-letter.elsewhere',
      facts: { position: second },
    });
    expect(await parkedAt(id)).toHaveLength(1);
    await letters.skip({ ...order, position: second });
    expect(await rowOf(id)).toEqual([{ balance: 1 }]);
  });

  it('heal by a skip, which is an event that every generation heeds from its first event on', async () => {
    const id = randomUUID();
    const told = await tell(`account-${id}`, opened, booked(5, 3), booked(666, 3), booked(1, 3));
    await it_.caughtUp();
    const order = { key: id, model: 'test_accounts', reason: 'a test booking', actor: 'operator' };
    const skipped = await letters.skip(order);
    expect(skipped).toMatchObject({ isNew: true, retried: [{ status: 'healed' }] });
    expect(await rowOf(id)).toEqual([{ balance: 6 }]);
    const skip = (await it_.store.readStream('projection-skips-test_accounts')).at(-1);
    expect(skip).toMatchObject({
      type: 'dead-letter-skipped.v1',
      data: {
        ...{ model: 'test_accounts', key: id, reason: 'a test booking', actor: 'operator' },
        event: {
          id: told[2]?.id,
          type: 'account-booked.v1',
          revision: 2,
          position: String(told[2]?.position),
        },
      },
      metadata: { actor: 'operator', command: 'SkipDeadLetter' },
    });
    // A late event folds the whole key anew: the skip holds there too.
    await tell(`account-${id}`, booked(10, 2));
    await it_.caughtUp();
    expect(await rowOf(id)).toEqual([{ balance: 16 }]);
    expect(await parkedAt(id)).toEqual([]);
    await expect(letters.skip(order)).rejects.toMatchObject({ code: 'dead-letter.unknown' });

    const next = { ...accounts, version: 2 };
    const other = it_.another([next]);
    await other.start();
    await until(async () => (await rowOf(id, next, 'test_accounts_v2')).length === 1);
    expect(await rowOf(id, next, 'test_accounts_v2')).toEqual([{ balance: 16 }]);
    expect(await parkedAt(id)).toEqual([]);

    // A key that is parked in both generations is skipped in both: the worker of the other one finds it in the log.
    const both = randomUUID();
    await tell(`account-${both}`, opened, booked(666), booked(3));
    await it_.caughtUp();
    await until(async () => (await letters.list({ key: both, model: 'test_accounts' })).length === 2);
    expect((await letters.skip({ ...order, key: both })).retried.map(({ status }) => status).sort()).toEqual([
      'healed',
      'other-version',
    ]);
    await until(async () => (await letters.list({ key: both, model: 'test_accounts' })).length === 0);
    expect(await rowOf(both, next, 'test_accounts_v2')).toEqual([{ balance: 3 }]);
    await other.stop();
  }, 30_000);

  it('heal by mended code and a retry, without a rebuild', async () => {
    const [bad, worse] = [randomUUID(), randomUUID()];
    await tell(`account-${bad}`, opened, booked(666), booked(1));
    await tell(`account-${worse}`, opened, { type: 'account-tagged.v1', data: { tag: '\u0000' } });
    await it_.caughtUp();
    await it_.runner.stop();
    it_.runner = it_.another([fixed, strict, careless]);
    await it_.runner.start();
    expect(it_.log.some((line) => line.includes('the code of test_accounts has changed'))).toBe(true);
    await tell(`account-${bad}`, booked(2));
    await it_.caughtUp();
    expect(await parkedAt(bad)).toMatchObject([{ waiting: 2 }]);
    const retried = await officeOf([fixed]).retry({ model: 'test_accounts' });
    expect(retried.find(({ letter }) => letter.key === bad)).toMatchObject({ status: 'healed' });
    expect(retried.find(({ letter }) => letter.key === worse)).toMatchObject({ status: 'parked' });
    expect(await rowOf(bad)).toEqual([{ balance: 669 }]);
    await tell(`account-${bad}`, booked(1));
    await it_.caughtUp();
    expect(await rowOf(bad)).toEqual([{ balance: 670 }]);
  });

  it('are refused with clear words where none is meant, or more than one', async () => {
    const id = randomUUID();
    await tell(`account-${id}`, opened, booked(666));
    await it_.caughtUp();
    const order = { key: id, reason: 'why', actor: 'me' };
    await expect(letters.skip({ ...order, model: 'strict', key: randomUUID() })).rejects.toMatchObject({
      code: 'dead-letter.unknown',
    });
    await expect(letters.skip(order)).rejects.toMatchObject({
      code: 'dead-letter.ambiguous',
      facts: { models: expect.arrayContaining(['careless', 'strict']) },
    });
    await expect(letters.skip({ ...order, reason: '  ' })).rejects.toMatchObject({ code: 'input.invalid' });
    await expect(letters.retry({ key: 'nonsense' })).rejects.toMatchObject({ code: 'input.invalid' });
    await expect(letters.list({ model: 'nonsense' })).rejects.toThrow(
      /no read model nonsense; there are careless/,
    );
    expect(await officeOf([]).retry({ key: id, model: 'strict' })).toMatchObject([
      { status: 'other-version' },
    ]);
  });
});
