import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedKafka, uniqueName } from '../support/kafka';
import { testDatabase } from '../support/postgres';
import { TopicWriter } from '../../libs/publishing/src/testing/topic-writer';
import type { Example } from './examples';
import { pythonExample, pythonWithPackages, typescriptExample } from './examples';
import type { Sums } from './won-deals';
import { DealTeller } from './won-deals';

const python = pythonWithPackages();
/** Without them it is skipped; where Kafka is required, it fails. */
const withPython = python === undefined && process.env['KAFKA_TESTS'] !== 'required' ? it.skip : it;

/** Asks again until it is so; jest's limit ends it. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}

const dealsIn = (sums: Sums): number => Object.values(sums).reduce((all, { deals }) => all + deals, 0);

describe('the examples of consumers', () => {
  let brokers: readonly string[];
  let writer: TopicWriter;
  let teller: DealTeller;
  let dir: string;
  let example: Example | undefined;

  beforeEach(async () => {
    ({ brokers } = await sharedKafka());
    writer = await TopicWriter.open(brokers, uniqueName('deals'), 6);
    teller = new DealTeller();
    dir = mkdtempSync(join(tmpdir(), 'guanxi-consumers-'));
  });
  afterEach(async () => {
    await example?.kill();
    await writer.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Tells deals while the example is killed and started again, then holds its table against the teller's own count. */
  async function killAndCompare(tested: Example, kills: number): Promise<void> {
    example = tested;
    await writer.commit(teller.tell(400));
    await tested.start();
    for (let kill = 0; kill < kills; kill += 1) {
      const before = JSON.stringify(await tested.sums());
      await writer.commit(teller.tell(300));
      await writer.abort(teller.tellNobody());
      await writer.commit(teller.tell(300));
      // In the midst of it: something was taken, most likely not all.
      await until(async () => JSON.stringify(await tested.sums()) !== before);
      await tested.kill();
      await writer.commit(teller.tell(100));
      await tested.start();
    }
    await writer.abort(teller.tellNobody());
    await until(
      async () => JSON.stringify(ordered(await tested.sums())) === JSON.stringify(ordered(teller.sums)),
    );
    expect(dealsIn(teller.sums)).toBeGreaterThan(100);
    expect(await tested.stop()).toBe(0);
    // Begun once more, it takes nothing twice.
    await tested.start();
    await writer.commit(teller.tell(1));
    await until(
      async () => JSON.stringify(ordered(await tested.sums())) === JSON.stringify(ordered(teller.sums)),
    );
    expect(await tested.stop()).toBe(0);
    expect(await tested.sums()).toEqual(teller.sums);
  }

  it('in TypeScript: each event once, however often it is killed', async () => {
    const database = await testDatabase();
    try {
      const group = uniqueName('group');
      await killAndCompare(
        typescriptExample({ brokers, topic: writer.topic, group, database: database.url }),
        4,
      );
    } finally {
      await example?.kill();
      await database.drop();
    }
  });

  const inPython = (): Example => {
    if (python === undefined)
      throw new Error(
        'no python3 with confluent_kafka and jsonschema: see examples/consumers/python/README.md',
      );
    return pythonExample(python, { brokers, topic: writer.topic, file: join(dir, 'deals.sqlite') });
  };

  withPython(
    'in Python (python3 with confluent_kafka and jsonschema): each event once, by the contract alone',
    async () => {
      await killAndCompare(inPython(), 6);
    },
  );

  withPython(
    'in Python: stops with clear words at what breaks its contract, and takes nothing of it',
    async () => {
      const [good, bad] = [teller.tell(1), teller.tell(1)];
      await writer.commit(good);
      const broken = bad.map((message) => ({
        ...message,
        event: {
          ...message.event,
          type: 'guanxi.deal-won.v1',
          dataschema: 'urn:guanxi:contract:deal-won.v1',
          data: { value: 3 },
        },
      }));
      await writer.commit(broken);
      const tested = inPython();
      example = tested;
      const ended = tested.start().then(() => tested.ended());
      await expect(ended).resolves.toMatchObject({
        code: 1,
        said: expect.stringMatching(
          /won_deals: topic .*, partition \d, offset \d+: \$.* breaks the rule \w+ of urn:guanxi:contract:deal-won[.]v1/,
        ) as unknown,
      });
    },
  );

  withPython('in Python: says where what is no JSON stands, and nothing of it', async () => {
    const headers = {
      ...{ ce_specversion: '1.0', ce_id: 'an-id', ce_type: 'guanxi.deal-won.v1', ce_subject: 'deal-1' },
      ce_dataschema: 'urn:guanxi:contract:deal-won.v1',
    };
    await writer.commitRaw([{ key: 'deal-1', value: '{somebody', headers }]);
    const tested = inPython();
    example = tested;
    const { code, said } = await tested.start().then(() => tested.ended());
    expect(code).toBe(1);
    expect(said).toMatch(/won_deals: topic .*, partition \d, offset \d+: its data is no JSON/);
    expect(said).not.toMatch(/Traceback|somebody/);
  });
});

const ordered = (sums: Sums): unknown => Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1));
