import { setTimeout as pause } from 'node:timers/promises';
import { MemoryEventStore } from '@guanxi/event-store';
import { instantOf } from '@guanxi/kernel';
import { DeadLetters } from '@guanxi/projections';
import { KafkaPublisher, RelayWorker } from '@guanxi/publishing';
import type { Pool } from 'pg';
import { count, registry, streamOf, thingsBook } from '../../../publishing/src/testing/relayed-things';
import { readTopic, sharedKafka, uniqueName } from '../../../../test/support/kafka';
import { testDatabase } from '../../../../test/support/postgres';
import { migrate } from '../database/migrate';
import { createPool } from '../database/pools';
import { DeadLetterOffice } from './dead-letter-office';

jest.setTimeout(180_000);

let pool: Pool;
const stops: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  const database = await testDatabase();
  stops.push(() => database.drop());
  await migrate(database.url);
  pool = createPool({ url: database.url, name: 'test' });
  stops.push(() => pool.end());
});

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(50);
}

it('lists what the relay has set aside, and has it tried again while the relay runs', async () => {
  const { brokers } = await sharedKafka();
  const topic = uniqueName('things');
  const transactionalId = uniqueName('relay');
  const store = new MemoryEventStore();
  let isMended = false;
  const book = thingsBook({ topic, isTold: (value) => isMended || value !== 2 });
  const log = { info: () => undefined, warn: () => undefined };
  const publisher = new KafkaPublisher({ brokers, transactionalId, statePrefix: `${transactionalId}/` });
  const worker = new RelayWorker({ pool, store, registry, book, publisher, log });
  // Where no brokers are known: the database is enough.
  const letters = new DeadLetters({ pool, store, registry }, [], () => instantOf(new Date()));
  const office = new DeadLetterOffice({ pool, store, letters, hasBrokers: false });
  expect(await office.list()).toEqual({
    items: [],
    notes: ['relay: nothing was published to Kafka yet (KAFKA_BROKERS is not set here)'],
  });
  worker.start();
  stops.push(() => worker.stop());
  await count(store, [
    { thing: 1, count: 1 },
    { thing: 1, count: 2 },
    { thing: 1, count: 3 },
    { thing: 2, count: 4 },
  ]);
  const items = async () => (await office.list({ source: 'relay' })).items;
  await until(async () => (await items()).length === 1);

  const key = streamOf(1);
  const parked = {
    ...{ source: 'relay', key, stream: key, position: '2', event: { type: 'thing-counted.v2' } },
    ...{ contract: 'thing-counted.v1', error: 'TypeError', isWanted: false },
  };
  expect(await office.list()).toMatchObject({ items: [parked], notes: [] });
  expect(await office.show(key)).toMatchObject([
    { letter: parked, halted: { position: '2' }, behind: [{ position: '3' }] },
  ]);
  await expect(office.skip({ key, reason: 'x', actor: 'test' })).rejects.toMatchObject({
    code: 'dead-letter.not-skippable',
    message: expect.stringContaining('once and in order'),
  });

  // By the id in the stream; it stays parked, as nothing is mended.
  expect(await office.retry({ key: key.slice('thing-'.length) })).toMatchObject([
    { letter: { key, isWanted: true }, status: 'asked' },
  ]);
  await until(async () =>
    (await items()).some((each) => each.triedAt !== null && !('isWanted' in each && each.isWanted)),
  );
  expect(await items()).toMatchObject([{ key, error: 'TypeError' }]);

  isMended = true;
  expect(await office.retry({ source: 'relay' })).toMatchObject([{ letter: { key }, status: 'asked' }]);
  await until(async () => (await items()).length === 0);
  const told = (await readTopic(brokers, topic, { atLeast: 4 })).map(({ key: of, value }) => {
    const { count: number } = JSON.parse(value ?? '') as { readonly count: number };
    return [of, number];
  });
  expect(told.filter(([of]) => of === key)).toEqual([1, 2, 3].map((each) => [key, each]));
  expect(told).toHaveLength(4);

  await worker.stop();
  const { notes } = await office.list({ source: 'relay' });
  expect(notes).toEqual([expect.stringMatching(/^relay: it does not publish \(stopped, last heard of/)]);
});
