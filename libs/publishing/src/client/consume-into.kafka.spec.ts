import type { PoolClient } from 'pg';
import { Pool } from 'pg';
import { sharedKafka, testKafka, uniqueName } from '../../../../test/support/kafka';
import { testDatabase } from '../../../../test/support/postgres';
import type { CloudEvent } from '../contracts/public-message';
import { countedFrom } from '../testing/counted';
import { TopicWriter } from '../testing/topic-writer';
import type { ConsumeIntoOptions } from './consume-into';
import { consumeInto } from './consume-into';
import { EventsGone, HandlingFailed, NotACloudEvent, TopicRemade } from './errors';
import type { Consumption } from './options';

/** The shortest that a broker allows for. */
const SESSION = 6_000;

describe('consumeInto', () => {
  let brokers: readonly string[];
  let writer: TopicWriter;
  let pool: Pool;
  let drop: () => Promise<void>;
  let groupId: string;
  const running: Consumption[] = [];

  beforeEach(async () => {
    ({ brokers } = await sharedKafka());
    writer = await TopicWriter.open(brokers, uniqueName('topic'), 3);
    const database = await testDatabase();
    drop = () => database.drop();
    pool = new Pool({ connectionString: database.url, max: 8 });
    pool.on('error', () => undefined);
    // No unique key: a double must show.
    await pool.query('create table seen (n bigserial, key text, number integer)');
    groupId = uniqueName('group');
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((consumption) => consumption.stop()));
    await writer.close();
    await pool.end();
    await drop();
  });

  const note = async ({ subject, data }: CloudEvent, client: PoolClient): Promise<void> => {
    await client.query('insert into seen (key, number) values ($1, $2)', [subject, data['number']]);
  };

  const start = async (options: Partial<ConsumeIntoOptions> = {}): Promise<Consumption> => {
    const consumption = await consumeInto(pool, {
      ...{ brokers, groupId, topics: [writer.topic], sessionMilliseconds: SESSION, handle: note },
      ...options,
    });
    running.push(consumption);
    return consumption;
  };

  /** Asks again until it is so; jest's limit ends it. */
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const count = async (): Promise<number> =>
    Number((await pool.query<{ count: string }>('select count(*) from seen')).rows[0]?.count);
  /** Numbers as they were written, by key. */
  const seen = async (): Promise<Record<string, readonly number[]>> => {
    const { rows } = await pool.query<{ key: string; numbers: number[] }>(
      'select key, array_agg(number order by n) as numbers from seen group by key',
    );
    return Object.fromEntries(rows.map(({ key, numbers }) => [key, numbers]));
  };
  const expected = (numbers: number): Record<string, readonly number[]> =>
    Object.fromEntries(
      Array.from({ length: 7 }, (_, key) => [
        `thing-${key}`,
        Array.from({ length: numbers }, (__, number) => number).filter((number) => number % 7 === key),
      ]),
    );

  it('writes each committed event once and in order for each key, over stops and starts', async () => {
    await writer.commit(countedFrom(0, 500));
    await writer.abort(countedFrom(5_000, 300));
    const first = await start({ eventsPerTransaction: 40 });
    await until(async () => (await count()) >= 200);
    await first.stop();
    await writer.commit(countedFrom(500, 200));
    await start({ eventsPerTransaction: 40, partitionsAtOnce: 3 });
    await until(async () => (await count()) >= 700);
    await writer.abort(countedFrom(6_000, 10));
    await writer.commit(countedFrom(700, 1));
    await until(async () => (await count()) >= 701);
    expect(await seen()).toEqual(expected(701));
  });

  it('takes nothing of a transaction in which an event was refused, and all of it later', async () => {
    await writer.commit(countedFrom(0, 100));
    const failing = await start({
      handle: async (event, client) => {
        await note(event, client);
        if (event.data['number'] === 50) throw new Error('no room');
      },
    });
    const failure: unknown = await failing.ended.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HandlingFailed);
    expect(String(failure)).toContain('could not be handled: no room');
    expect(Object.values(await seen()).flat()).not.toContain(50);
    await start();
    await until(async () => (await count()) >= 100);
    expect(await seen()).toEqual(expected(100));
  });

  it('refuses a handler that ends the transaction itself', async () => {
    await writer.commit(countedFrom(0, 1));
    const ended = await start({
      handle: async (_, client) => {
        await client.query('rollback');
        await client.query('begin');
      },
    });
    await expect(ended.ended).rejects.toThrow('The handler has ended the transaction');
  });

  it('keeps what came before a message that is no event, and stops there', async () => {
    await writer.commit(countedFrom(0, 7, 1));
    await writer.commitRaw([{ key: 'thing-0', value: 'x' }]);
    await writer.commit(countedFrom(7, 7, 1));
    const stopped = await start();
    await expect(stopped.ended).rejects.toThrow(NotACloudEvent);
    expect(await seen()).toEqual({ 'thing-0': [0, 1, 2, 3, 4, 5, 6] });
    const faults: string[] = [];
    await start({ unreadable: ({ reason }) => faults.push(reason) });
    await until(async () => (await count()) >= 14);
    expect((await seen())['thing-0']).toEqual(Array.from({ length: 14 }, (_, number) => number));
    expect(faults).toEqual(['header ce_specversion must be there']);
  });

  it('begins where its database says, whatever Kafka knows of the group', async () => {
    await writer.commit(countedFrom(0, 100));
    const first = await start();
    await until(async () => (await count()) >= 100);
    await first.stop();
    await pool.query('truncate seen, guanxi_offsets');
    await start();
    await until(async () => (await count()) >= 100);
    expect(await seen()).toEqual(expected(100));
  });

  it('does not write behind the back of another owner, and claims again what is its own', async () => {
    await writer.commit(countedFrom(0, 100));
    await start();
    await until(async () => (await count()) >= 100);
    const epochs = async (): Promise<readonly number[]> => {
      const { rows } = await pool.query<{ epoch: string }>(
        'select epoch from guanxi_offsets order by partition',
      );
      return rows.map(({ epoch }) => Number(epoch));
    };
    // As if a member that has lost the partitions without knowing had claimed them once more.
    await pool.query('update guanxi_offsets set epoch = 100');
    await writer.commit(countedFrom(100, 100));
    await until(async () => (await count()) >= 200);
    expect(await seen()).toEqual(expected(200));
    expect(Math.max(...(await epochs()))).toBe(101);
  });

  it('shuts out a member that hangs in a transaction while another one takes over', async () => {
    await writer.commit(countedFrom(0, 100));
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let isHanging: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => {
      isHanging = resolve;
    });
    let hangs = true;
    const slow = await start({
      handle: async (event, client) => {
        await note(event, client);
        if (hangs) {
          hangs = false;
          isHanging();
          await held;
        }
      },
    });
    await hanging;
    await start();
    await until(async () => (await count()) >= 100);
    letGo();
    await writer.commit(countedFrom(100, 100));
    await until(async () => (await count()) >= 200);
    await slow.stop();
    expect(await seen()).toEqual(expected(200));
  });

  it('loses and doubles nothing while members come and go in the midst of work', async () => {
    await writer.commit(countedFrom(0, 1_400));
    // Slow enough that partitions change hands in the midst of a batch.
    const handle: typeof note = async (event, client) => {
      await note(event, client);
      await client.query('select pg_sleep(0.003)');
    };
    const some = { handle, eventsPerTransaction: 10, partitionsAtOnce: 3 };
    const first = await start(some);
    await until(async () => (await count()) >= 100);
    await start(some);
    await until(async () => (await count()) >= 500);
    await first.stop();
    await until(async () => (await count()) >= 800);
    await start(some);
    await until(async () => (await count()) >= 1_400);
    await writer.commit(countedFrom(1_400, 70));
    await until(async () => (await count()) >= 1_470);
    expect(await seen()).toEqual(expected(1_470));
  });

  it('goes on when its database has cut the connections', async () => {
    await writer.commit(countedFrom(0, 300));
    await start({ eventsPerTransaction: 5 });
    for (const enough of [50, 150]) {
      await until(async () => (await count()) >= enough);
      await pool.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
    }
    await until(async () => (await count()) >= 300);
    expect(await seen()).toEqual(expected(300));
  });

  it('says so where events are gone, or the topic is another one', async () => {
    await writer.commit(countedFrom(0, 70, 1));
    const first = await start();
    await until(async () => (await count()) >= 10);
    await first.stop();
    const { rows } = await pool.query<{ partition: number }>(
      'select partition from guanxi_offsets where next_offset > 0',
    );
    const partition = rows[0]?.partition ?? -1;
    await pool.query('update guanxi_offsets set next_offset = 5 where partition = $1', [partition]);
    await writer.withAdmin(async (admin) => {
      // kafkajs deletes nothing of a topic that it has not heard of before.
      await admin.fetchTopicOffsets(writer.topic);
      await admin.deleteTopicRecords({ topic: writer.topic, partitions: [{ partition, offset: '30' }] });
    });
    const gone = await start();
    const failure: unknown = await gone.ended.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EventsGone);
    expect(String(failure)).toContain(
      `partition ${partition}, offset 5 on were to be read next, but Kafka keeps them from offset 30 only`,
    );
    await pool.query('update guanxi_offsets set next_offset = 5000 where partition = $1', [partition]);
    const remade = await start();
    await expect(remade.ended).rejects.toThrow(TopicRemade);
  });

  it('waits for a broker that was killed, and goes on', async () => {
    const kafka = await testKafka();
    const there = await TopicWriter.open(kafka.brokers, 'things', 3);
    try {
      await there.commit(countedFrom(0, 100));
      const lines: string[] = [];
      const consumption = await start({
        brokers: kafka.brokers,
        topics: ['things'],
        log: ({ message }) => lines.push(message),
      });
      await until(async () => (await count()) >= 100);
      await kafka.kill();
      await until(async () => lines.some((line) => line.includes('once more in')));
      await kafka.restart();
      await there.commit(countedFrom(100, 100));
      await until(async () => (await count()) >= 200);
      expect(await seen()).toEqual(expected(200));
      await consumption.stop();
    } finally {
      await Promise.all(running.splice(0).map((consumption) => consumption.stop()));
      await there.close();
      await kafka.stop();
    }
  });
});
