import { customers } from '@guanxi/customers';
import type { Instant } from '@guanxi/kernel';
import { parseInstant, plusMilliseconds } from '@guanxi/kernel';
import { createPool } from '@guanxi/platform';
import type { AnyReadModel, Moment, Snapshot } from '@guanxi/projections';
import {
  NEVER,
  createIndexes,
  createTables,
  firstGeneration,
  gatherStatistics,
  movementsAt,
  rowsAt,
} from '@guanxi/projections';
import { products, sellers } from '@guanxi/steering';
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type { TestDatabase } from '../../../../test/support/postgres';
import { testDatabase } from '../../../../test/support/postgres';
import { board } from './board';
import { DealListParameters, dealList, oneDeal } from './deal-list';
import { deals } from './deals';
import { DealSelection } from './dimensions';
import { FlowParameters, flow } from './flow';
import { WaterfallParameters, waterfall } from './waterfall';

/*
 * How the deals of twenty years are read, 170 opened a day and each in seven versions: some 10 million events. There are
 * those of every 200th deal, at the positions at which they would be, and the statistics say that each page holds 200
 * times as many; the pages themselves stay as few as they are, which makes going through all of them look cheaper than
 * it would be: what is refused here, would be refused all the more with full tables.
 */
const SCALE = 200;
const DEALS = 6_200;
const VERSIONS = 7;
const START = parseInstant('2006-01-01T00:00:00Z');
const DAY = 86_400_000;
const DAYS = 7_300;
const POSITIONS = DEALS * VERSIONS * SCALE;
const GENERATION = firstGeneration(deals);
const OWNER = '00000000-0000-4000-a000-000000000007';

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Node[];
}

let database: TestDatabase;
let pool: Pool;
let client: PoolClient;

beforeAll(async () => {
  database = await testDatabase();
  pool = createPool({ url: database.url, name: 'test', max: 1 });
  client = await pool.connect();
  await client.query('create schema rm');
  for (const model of [deals, customers, sellers, products]) {
    const generation = firstGeneration(model);
    for (const statement of createTables(model, generation)) await client.query(statement);
    for (const statement of createIndexes(model, generation)) await client.query(statement);
  }
  await client.query(
    `create temp table lives as
     select n, k, md5(n::text)::uuid as id, ('00000000-0000-4000-a000-' || lpad((n % 20)::text, 12, '0'))::uuid as owner,
            opened, at, lead(at) over life as until,
            row_number() over (order by at, n, k) * ${SCALE} as position
       from (select n, k, opened, opened + (10 + n % 60) * interval '1 day' * k / ${VERSIONS} as at
               from (select n, '${START}'::timestamptz + n * interval '1 day' * ${DAYS} / ${DEALS} as opened
                       from generate_series(1, ${DEALS}) as n) as deal, generate_series(0, ${VERSIONS}) as k) as life
     window life as (partition by n order by k);
     create temp table placed as
     select *, lead(position) over (partition by n order by k) as closed,
            case when k = ${VERSIONS} then 'won' else 'open' end as status,
            (array['E', 'E', 'D', 'D', 'C', 'C', 'C', 'C'])[k + 1] as stage
       from lives where at < '${START}'::timestamptz + interval '${DAYS} days'`,
  );
  const shared = `status, stage, value, currency, opened_at, stage_entered_at, moved_at, times_slipped, owner`;
  const sharedValues = `status, stage, 1000 + n, 'CNY', opened, at, at, 0, owner`;
  await client.query(
    `insert into rm.${GENERATION} (id, ${shared}, valid_from, opened_pos, last_at)
       select id, ${sharedValues}, at, position, at from placed where closed is null;
     insert into rm.${GENERATION}_history (id, ${shared}, valid_from, valid_to, opened_pos, closed_pos, superseded_pos)
       select id, ${sharedValues}, at, until, position, closed, ${NEVER} from placed where closed is not null order by closed;
     insert into rm.${GENERATION}_movements (id, kind, count, value, amount, currency, owner, effective_at, known_pos, superseded_pos)
       select id, 'advanced', 0, 0, 1000 + n, 'CNY', owner, at, position, ${NEVER} from placed order by position`,
  );
  // Of all rows, not of a sample: the same statistics each time.
  await client.query('set default_statistics_target = 1000');
  await client.query(gatherStatistics(deals, GENERATION));
  for (const table of [GENERATION, `${GENERATION}_history`, `${GENERATION}_movements`]) {
    await client.query(`alter table rm.${table} set (autovacuum_enabled = off)`);
    await client.query(
      `update pg_class set reltuples = reltuples * ${SCALE} where oid = 'rm.${table}'::regclass
          or oid in (select indexrelid from pg_index where indrelid = 'rm.${table}'::regclass)`,
    );
  }
}, 60_000);

afterAll(async () => {
  client.release();
  await pool.end();
  await database.drop();
});

const nodesOf = (node: Node): readonly Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** A snapshot that answers nothing and keeps how the server went about each question. */
class Watching implements Snapshot {
  constructor(
    readonly moment: Moment,
    readonly asOf: Instant,
    readonly plans: Node[] = [],
  ) {}

  async rows<Row>(sql: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    const { rows } = await client.query(`explain (analyze, format json) ${sql}`, [...parameters]);
    this.plans.push(rows[0]['QUERY PLAN'][0].Plan);
    return [];
  }

  reached(): bigint {
    return 0n;
  }

  of(model: AnyReadModel, asOf?: Instant): string {
    return rowsAt(
      { model, generation: firstGeneration(model) },
      asOf ? { ...this.moment, asOf } : this.moment,
    );
  }

  movementsOf(model: AnyReadModel): string {
    return movementsAt({ model, generation: firstGeneration(model) }, this.moment);
  }

  streamsOf(): string {
    throw new Error('deals have one stream each');
  }

  at(asOf: Instant): Snapshot {
    return new Watching({ ...this.moment, asOf }, asOf, this.plans);
  }

  /** How a kind of table was read: by which indexes, and how many of its rows were looked at. */
  read(table: string): {
    readonly kinds: readonly string[];
    readonly indexes: readonly string[];
    readonly rows: number;
  } {
    const nodes = this.plans.flatMap(nodesOf);
    const scans = nodes.filter((node) => node['Relation Name'] === `${GENERATION}${table}`);
    const indexes = nodes.flatMap((node) => node['Index Name'] ?? []);
    const rowsOf = (node: Node): number =>
      ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 1) +
      (node['Rows Removed by Index Recheck'] ?? 0);
    return {
      kinds: scans.map((node) => node['Node Type']),
      indexes: indexes.filter((name) => name.startsWith(`${GENERATION}${table}_`)),
      rows: scans.map(rowsOf).reduce((sum, rows) => sum + rows, 0),
    };
  }
}

const parametersOf = <T extends object>(Kind: new () => T, values: object): T =>
  Object.assign(new Kind(), values);

type Ask = (snapshot: Snapshot) => Promise<unknown>;
const quarter = (snapshot: Snapshot) => ({
  from: plusMilliseconds(snapshot.asOf, -90 * DAY),
  to: snapshot.asOf,
});

/** How many deals of the sample are open at any moment, and how many movements a quarter of a year has. */
const OPEN = 35;
const MOVED_IN_A_QUARTER = 90 * VERSIONS;

const questions: readonly [string, Ask, readonly string[]][] = [
  ['the board', (snapshot) => board(snapshot, new DealSelection()), ['times', 'runs']],
  [
    'the board by region',
    (snapshot) => board(snapshot, parametersOf(DealSelection, { by: 'region' })),
    ['times', 'runs'],
  ],
  [
    'the open deals of one owner',
    (snapshot) =>
      dealList(snapshot, parametersOf(DealListParameters, { limit: 50, status: ['open'], owner: OWNER })),
    ['times', 'runs'],
  ],
  ['one deal', (snapshot) => oneDeal(snapshot, randomUUID()).catch(() => undefined), ['id']],
  [
    'a waterfall',
    (snapshot) => waterfall(snapshot, parametersOf(WaterfallParameters, quarter(snapshot))),
    ['times', 'runs'],
  ],
  [
    'the flow of a quarter',
    (snapshot) => flow(snapshot, parametersOf(FlowParameters, quarter(snapshot))),
    ['times', 'runs'],
  ],
];

const shares = [0.05, 0.3, 0.6, 0.95];
const dayOf = (share: number): Instant => plusMilliseconds(START, Math.floor(share * DAYS) * DAY);
const positionOf = (share: number): bigint => BigInt(Math.floor(share * POSITIONS));

const axes: readonly [string, (share: number) => Moment][] = [
  ['as of', (share) => ({ asOf: dayOf(share), known: null })],
  ['as of and as known then', (share) => ({ asOf: dayOf(share), known: positionOf(share) })],
  ['as of and as known later', (share) => ({ asOf: dayOf(share), known: positionOf(share + 0.04) })],
  ['as known before all is folded', () => ({ asOf: null, known: BigInt(POSITIONS - 100 * SCALE) })],
];

it('believes in the deals of 10 million events', async () => {
  const { rows } = await client.query(`explain (format json) select from rm.${GENERATION}_history`);
  expect(rows[0]['QUERY PLAN'][0].Plan['Plan Rows']).toBeGreaterThan(8_000_000);
});

describe.each(questions)('%s', (_question, ask, indexes) => {
  it.each(axes)('reads what held %s, not all of history', async (_axis, momentOf) => {
    for (const share of shares) {
      const moment = momentOf(share);
      const snapshot = new Watching(moment, moment.asOf ?? dayOf(1));
      await ask(snapshot);
      const history = snapshot.read('_history');
      expect(history.kinds.length).toBeGreaterThan(0);
      expect(history.kinds).not.toContain('Seq Scan');
      for (const index of history.indexes)
        expect(indexes.map((name) => `${GENERATION}_history_${name}`)).toContain(index);
      expect(history.rows).toBeLessThan(8 * OPEN * history.kinds.length);
      const movements = snapshot.read('_movements');
      expect(movements.kinds).not.toContain('Seq Scan');
      expect(movements.rows).toBeLessThan(1.2 * MOVED_IN_A_QUARTER * Math.max(1, movements.kinds.length));
    }
  });
});
