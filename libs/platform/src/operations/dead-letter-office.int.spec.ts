import { randomUUID } from 'node:crypto';
import { EventRegistry, MemoryEventStore } from '@guanxi/event-store';
import { instantOf } from '@guanxi/kernel';
import { DeadLetters } from '@guanxi/projections';
import type { Pool } from 'pg';
import type { TestDatabase } from '../../../../test/support/postgres';
import { testDatabase } from '../../../../test/support/postgres';
import { migrate } from '../database/migrate';
import { createPool } from '../database/pools';
import { DeadLetterOffice } from './dead-letter-office';

let database: TestDatabase;
let pool: Pool;
let office: DeadLetterOffice;

beforeEach(async () => {
  database = await testDatabase();
  await migrate(database.url);
  pool = createPool({ url: database.url, name: 'test' });
  const store = new MemoryEventStore();
  const registry = new EventRegistry([]);
  const letters = new DeadLetters({ pool, store, registry }, [], () => instantOf(new Date()));
  office = new DeadLetterOffice({ pool, store, letters, hasBrokers: true });
});

afterEach(async () => {
  await pool.end();
  await database.drop();
});

/** A thing that a policy and the relay have set aside, and a read model of another version than this program's. */
async function setAside(): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `insert into ops.generations (generation, model, version, status)
     values ('policy_clock_v1', 'policy:clock', 1, 'following'), ('things_v1', 'things', 1, 'following')`,
  );
  await pool.query(
    `insert into ops.parked_keys (generation, id, stream, position, error, event_id, event_type)
     values ('policy_clock_v1', $1, $2, 1, 'broken', 'e', 'thing-made.v1'),
            ('things_v1', $1, $2, 1, 'broken', 'e', 'thing-made.v1')`,
    [id, `thing-${id}`],
  );
  await pool.query(
    `insert into ops.relay_parked (stream, position, type, contract, reason)
     values ($1, 1, 'thing-made.v1', 'thing-made.v1', 'too large')`,
    [`thing-${id}`],
  );
  return id;
}

const sourcesOf = (items: readonly { readonly source: string }[]): readonly string[] =>
  items.map(({ source }) => source);

it('lists a key once for each that has set it aside, or for those that are asked about', async () => {
  const id = await setAside();
  await pool.query(
    `insert into ops.relay_parked (stream, position, type, contract, reason) values ('rates', 1, 'a.v1', 'a.v1', 'x')`,
  );
  const all = await office.list({ key: id });
  expect(sourcesOf(all.items)).toEqual(['read-model', 'policy', 'relay']);
  expect(all.notes).toEqual(['relay: nothing was published to Kafka yet']);
  expect(sourcesOf((await office.list({ key: `thing-${id}` })).items)).toEqual(['relay']);
  expect(sourcesOf((await office.list({ key: id, source: 'policy' })).items)).toEqual(['policy']);
  expect(sourcesOf((await office.list({ policy: 'clock' })).items)).toEqual(['policy']);
  expect(sourcesOf((await office.list({ model: 'things' })).items)).toEqual(['read-model']);
  expect((await office.list()).items).toHaveLength(4);
  await expect(office.list({ model: 'policy:other' })).rejects.toMatchObject({ code: 'projection.unknown' });
  await expect(office.list({ policy: 'clocks' })).rejects.toMatchObject({
    ...{ code: 'policy.unknown', message: 'there is no policy clocks; there are clock' },
  });
  await expect(office.list({ policy: 'clock', source: 'relay' })).rejects.toMatchObject({
    code: 'input.invalid',
  });
});

it('tries a key again wherever it is set aside', async () => {
  const id = await setAside();
  const retried = await office.retry({ key: id.toUpperCase() });
  expect(retried.map(({ letter, status }) => [letter.source, status])).toEqual([
    ['read-model', 'other-version'],
    ['policy', 'asked'],
    ['relay', 'asked'],
  ]);
  const wished = (await office.list({ key: id })).items.map((each) => 'isWanted' in each && each.isWanted);
  expect(wished).toEqual([false, true, true]);
  await expect(office.retry({ key: randomUUID() })).rejects.toMatchObject({ code: 'dead-letter.unknown' });
});

it('skips for read models alone, and says why not for others', async () => {
  const id = await setAside();
  const order = { key: id, reason: 'for a test', actor: 'tester' };
  // It is the read model's turn, whose event is not in this store.
  await expect(office.skip(order)).rejects.toMatchObject({ code: 'dead-letter.event-unknown' });
  await pool.query(`delete from ops.parked_keys where generation = 'things_v1'`);
  await expect(office.skip(order)).rejects.toMatchObject({
    code: 'dead-letter.not-skippable',
    message: expect.stringMatching(/of a policy, which leaves no event out.*; .*of the relay, which leaves/),
  });
  await expect(office.skip({ ...order, source: 'relay' })).rejects.toMatchObject({
    message: expect.not.stringContaining('policy'),
  });
});

it('says what it cannot tell of a database of an older version', async () => {
  await setAside();
  await pool.query('drop table ops.policy_retries, ops.relay_parked');
  const { items, notes } = await office.list();
  expect(sourcesOf(items)).toEqual(['read-model']);
  expect(notes).toEqual([
    expect.stringMatching(/^policies: .*"guanxi migrate"/),
    expect.stringMatching(/^relay: .*"guanxi migrate"/),
  ]);
});
