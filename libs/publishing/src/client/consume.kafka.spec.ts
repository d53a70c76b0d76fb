import { once } from 'node:events';
import { createServer } from 'node:net';
import { sharedKafka, uniqueName } from '../../../../test/support/kafka';
import { countedFrom } from '../testing/counted';
import { TopicWriter } from '../testing/topic-writer';
import { consume } from './consume';
import { HandlingFailed, KafkaUnreachable, NotACloudEvent, TopicMissing } from './errors';
import type { ConsumeOptions, Consumption } from './options';

describe('consume', () => {
  let brokers: readonly string[];
  let writer: TopicWriter;
  const running: Consumption[] = [];

  beforeEach(async () => {
    ({ brokers } = await sharedKafka());
    writer = await TopicWriter.open(brokers, uniqueName('topic'), 3);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((consumption) => consumption.stop()));
    await writer.close();
  });

  const start = async (
    options: Pick<ConsumeOptions, 'handle'> & Partial<ConsumeOptions>,
  ): Promise<Consumption> => {
    const consumption = await consume({
      brokers,
      groupId: uniqueName('group'),
      topics: [writer.topic],
      ...options,
    });
    running.push(consumption);
    return consumption;
  };

  /** Collects numbers by key until so many have come. */
  const collector = (count: number) => {
    const numbers = new Map<string, unknown[]>();
    let missing = count;
    let done: () => void = () => undefined;
    const all = new Promise<void>((resolve) => {
      done = resolve;
    });
    const handle: ConsumeOptions['handle'] = ({ subject, data }) => {
      numbers.set(subject, [...(numbers.get(subject) ?? []), data['number']]);
      missing -= 1;
      if (missing === 0) done();
    };
    return { numbers, all, handle };
  };

  const byKey = (numbers: readonly number[], keys = 7): Map<string, number[]> => {
    const found = new Map<string, number[]>();
    for (const number of numbers) {
      const key = `thing-${number % keys}`;
      found.set(key, [...(found.get(key) ?? []), number]);
    }
    return found;
  };

  it('gets what was committed, in order for each key, and nothing of what was aborted', async () => {
    await writer.commit(countedFrom(0, 300));
    await writer.abort(countedFrom(1_000, 300));
    await writer.commit(countedFrom(300, 300));
    const seen = collector(600);
    await start({ handle: seen.handle });
    await seen.all;
    expect(seen.numbers).toEqual(byKey(Array.from({ length: 600 }, (_, number) => number)));
  });

  it('goes on where its group has stopped; another group begins at the beginning, or with what comes now', async () => {
    await writer.commit(countedFrom(0, 100));
    const groupId = uniqueName('group');
    const first = collector(100);
    const consumption = await start({ groupId, handle: first.handle });
    await first.all;
    await consumption.stop();
    await consumption.ended;

    const later = collector(50);
    const fromNow = collector(50);
    await start({ groupId, handle: later.handle });
    await start({ handle: fromNow.handle, from: 'now' });
    const anew = collector(150);
    await start({ handle: anew.handle });
    await writer.commit(countedFrom(100, 50));
    await Promise.all([later.all, anew.all]);
    expect(later.numbers).toEqual(byKey(Array.from({ length: 50 }, (_, index) => 100 + index)));
    const late = [...fromNow.numbers.values()].flat();
    expect(late.filter((number) => Number(number) < 100)).toEqual([]);
    expect(anew.numbers).toEqual(byKey(Array.from({ length: 150 }, (_, number) => number)));
  });

  it('stops at an event that its handler refuses, and begins with it after a restart', async () => {
    await writer.commit(countedFrom(0, 40, 1));
    const groupId = uniqueName('group');
    const before: unknown[] = [];
    const failing = await start({
      groupId,
      handle: ({ data }) => {
        if (data['number'] === 17) throw new Error('no room');
        before.push(data['number']);
      },
    });
    const failure: unknown = await failing.ended.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HandlingFailed);
    expect(String(failure)).toMatch(
      /^HandlingFailed: Event [^ ]+ [(]guanxi[.]thing-counted[.]v1[)] at topic .*, partition \d, offset 17 could not be handled: no room$/,
    );
    const seen = collector(23);
    await start({ groupId, handle: seen.handle });
    await seen.all;
    expect(before).toEqual(Array.from({ length: 17 }, (_, number) => number));
    expect(seen.numbers.get('thing-0')?.[0]).toBe(17);
  });

  it('stops at a message that is no event, or passes it over where it was told so', async () => {
    await writer.commit(countedFrom(0, 1, 1));
    await writer.commitRaw([{ key: 'thing-0', value: '{}', headers: { ce_specversion: '1.0' } }]);
    await writer.commit(countedFrom(1, 1, 1));
    const stopped = await start({ handle: () => undefined });
    await expect(stopped.ended).rejects.toThrow(NotACloudEvent);
    await expect(stopped.ended).rejects.toThrow('header content-type must be there');

    const faults: string[] = [];
    const seen = collector(2);
    await start({ handle: seen.handle, unreadable: ({ reason }) => faults.push(reason) });
    await seen.all;
    expect(seen.numbers.get('thing-0')).toEqual([0, 1]);
    expect(faults).toEqual(['header content-type must be there']);
  });

  it('shares the partitions of a topic between the members of a group', async () => {
    const groupId = uniqueName('group');
    const seen = collector(400);
    const a: unknown[] = [];
    const b: unknown[] = [];
    const member = (list: unknown[]) =>
      start({
        groupId,
        handle: (event, place) => {
          list.push(place.partition);
          return seen.handle(event, place);
        },
      });
    await member(a);
    await member(b);
    await writer.commit(countedFrom(0, 400));
    await seen.all;
    expect([...new Set(a), ...new Set(b)].sort()).toEqual([0, 1, 2]);
  });

  it('says which topic is missing, which broker does not answer, and what an option lacks', async () => {
    const handle = (): void => undefined;
    const missing = start({ handle, topics: [writer.topic, 'guanxi.nothing'] });
    await expect(missing).rejects.toThrow(TopicMissing);
    await expect(missing).rejects.toThrow('There is no topic guanxi.nothing at');

    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    server.close();
    await once(server, 'close');
    const unreachable = start({ handle, brokers: [`127.0.0.1:${port}`] });
    await expect(unreachable).rejects.toThrow(KafkaUnreachable);
    await expect(unreachable).rejects.toThrow(`No Kafka broker answers at 127.0.0.1:${port}`);

    await expect(start({ handle, brokers: ['localhost'] })).rejects.toThrow(
      'brokers must be a list of host:port, not localhost',
    );
    await expect(start({ handle, topics: [] })).rejects.toThrow('topics must name at least one topic');
    await expect(start({ handle, groupId: '' })).rejects.toThrow('groupId must be a name');
  });
});
