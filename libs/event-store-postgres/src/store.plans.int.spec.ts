import type { EventFilter } from '@guanxi/event-store';
import { createPool, migrate } from '@guanxi/platform';
import { arrayOf } from '@guanxi/pg-arrays';
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type { TestDatabase } from '../../../test/support/postgres';
import { testDatabase } from '../../../test/support/postgres';
import * as inspection from './inspection/inspection.sql';
import * as queries from './queries.sql';
import { READ_STREAM, READ_STREAMS, STORED, readAllSql } from './queries.sql';

/*
 * What the planner would do with 10 million events. There are 50,000, at every 200th position, and the statistics say
 * that each page holds 200 times as many; the pages themselves stay as few as they are, which makes going through all
 * of them look cheaper than it would be: what is refused here, would be refused all the more with a full table.
 */
const ROWS = 50_000;
const SCALE = 200;
const STREAM = 'deal-00000777';

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Plan Rows'?: number;
  readonly Plans?: readonly Node[];
}

let database: TestDatabase;
let pool: Pool;
let client: PoolClient;

beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url);
  pool = createPool({ url: database.url, name: 'test', max: 2 });
  client = await pool.connect();
  // Four categories; a stream has ten events; common types, one of a ten-thousandth, and one that only began the log.
  await client.query(
    `insert into es.events
     select n * ${SCALE}::bigint,
            (array['deal', 'deal', 'customer', 'purchase'])[1 + n / 10 % 4] || '-' || lpad((n / 10)::text, 8, '0'),
            n % 10, gen_random_uuid(),
            case when n % 10000 = 0 then 'deal-reopened.v1' when n < 500 then 'seller-moved.v1'
                 else (array['deal-advanced.v1', 'note-taken.v1', 'deal-opened.v1', 'purchase-recorded.v1'])[1 + n % 4] end,
            now(), now(), repeat('x', 300), repeat('y', 200)
       from generate_series(1, ${ROWS}) n`,
  );
  await client.query(
    `insert into es.events
     select n, 'plan-' || n, 0, gen_random_uuid(), 'plan-made.v1', now(), now(), '{}', '{}'
       from generate_series(${ROWS * SCALE + 1}, ${ROWS * SCALE + 5}) n`,
  );
  await client.query(`update es.head set position = ${ROWS * SCALE + 5}`);
  // Of all rows, not of a sample: the same statistics each time.
  await client.query('set default_statistics_target = 1000');
  await client.query('vacuum analyze es.events');
  await client.query(`alter table es.events set (autovacuum_enabled = off)`);
  await client.query(
    `update pg_class set reltuples = reltuples * ${SCALE}
      where oid = 'es.events'::regclass or oid in (select indexrelid from pg_index where indrelid = 'es.events'::regclass)`,
  );
});

afterAll(async () => {
  client.release();
  await pool.end();
  await database.drop();
});

type Mode = 'force_custom_plan' | 'force_generic_plan';

/** The plan of a prepared statement, for these very values or for any. */
async function planOf(text: string, values: readonly string[], mode: Mode): Promise<Node> {
  await client.query(`set plan_cache_mode = ${mode}`);
  await client.query(`prepare plan_of as ${text}`);
  try {
    const call = values.length === 0 ? 'plan_of' : `plan_of(${values.join(', ')})`;
    const { rows } = await client.query(`explain (format json) execute ${call}`);
    return rows[0]['QUERY PLAN'][0].Plan;
  } finally {
    await client.query('deallocate plan_of; reset plan_cache_mode');
  }
}

const nodesOf = (node: Node): readonly Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
const scansOf = (node: Node): readonly Node[] =>
  nodesOf(node).filter((each) => 'Relation Name' in each && each['Relation Name'] === 'events');
const indexesOf = (node: Node): readonly string[] => [
  ...new Set(nodesOf(node).flatMap((each) => each['Index Name'] ?? [])),
];
const typesOf = (node: Node): readonly string[] => nodesOf(node).map((each) => each['Node Type']);
const quoted = (value: unknown): string => {
  if (Array.isArray(value)) return `array[${value.map(quoted).join(', ')}]::text[]`;
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
};

it('believes in 10 million events', async () => {
  const { rows } = await client.query('explain (format json) select from es.events');
  expect(rows[0]['QUERY PLAN'][0].Plan['Plan Rows']).toBeGreaterThan(9_900_000);
});

describe('queries that are prepared once for a connection', () => {
  const unfiltered = readAllSql().text;
  it.each<[string, string, readonly string[], string]>([
    ['a stream', READ_STREAM, [quoted(STREAM), '0', 'null'], 'events_stream'],
    ['the tail of a stream', READ_STREAM, [quoted(STREAM), '5', '100'], 'events_stream'],
    [
      'several streams',
      READ_STREAMS,
      [`array['${STREAM}', 'deal-00000778']`, `array['deal-opened.v1', 'deal-advanced.v1']`],
      'events_stream',
    ],
    [
      'what is stored of an append',
      STORED,
      [`array['${STREAM}']`, `array['${randomUUID()}']::uuid[]`, 'array[0]', 'array[2147483647]'],
      'events_stream',
    ],
    [
      'a count of what streams have',
      queries.COUNT_EVENTS,
      [`array['${STREAM}', 'deal-00000778']`, 'array[0, 3]', `array['deal-opened.v1']`, '9999999'],
      'events_stream',
    ],
    ["a stream's revision at a position", queries.REVISION_AT, [`'${STREAM}'`, '5000000'], 'events_stream'],
    ['a page from the start', unfiltered, ['0', '9223372036854775807', '1000'], 'events_pkey'],
    ['a page of the middle', unfiltered, ['5000000', '9223372036854775807', '1000'], 'events_pkey'],
    ['a page behind the end', unfiltered, ['10000005', '9223372036854775807', '1000'], 'events_pkey'],
  ])('%s goes through its index, whatever the values', async (_name, text, values, index) => {
    for (const mode of ['force_custom_plan', 'force_generic_plan'] as const) {
      const plan = await planOf(text, values, mode);
      expect([...new Set(scansOf(plan).map((each) => each['Node Type']))].join()).toMatch(
        /^(Bitmap Heap|Index) Scan$/,
      );
      expect(indexesOf(plan)).toEqual([index]);
    }
  });

  it('the head is one row of its own table', async () => {
    const plan = await planOf(queries.HEAD, [], 'force_generic_plan');
    expect(scansOf(plan)).toEqual([]);
    expect(typesOf(plan)).toEqual(['Seq Scan']);
  });
});

/** Where a reader may be: at the start, in the middle, at the end. */
const PLACES = [0, 5_000_000, 9_999_999];

async function filteredPlan(filter: EventFilter, after: number): Promise<Node> {
  const { text, values } = readAllSql(filter);
  return planOf(text, [String(after), '10000005', '1000', ...values.map(quoted)], 'force_custom_plan');
}

describe('pages with a filter', () => {
  it.each<[string, EventFilter, readonly string[]]>([
    ['a rare type', { types: ['deal-reopened.v1'] }, ['events_type']],
    ['a type that nobody ever wrote', { types: ['unheard-of.v1'] }, ['events_type']],
    ['a type that only began the log', { types: ['seller-moved.v1'] }, ['events_type']],
    ['a common type', { types: ['deal-advanced.v1'] }, ['events_type']],
    ['several rare types', { types: ['deal-reopened.v1', 'plan-made.v1'] }, ['events_type']],
    ['common types and rare ones', { types: ['deal-advanced.v1', 'seller-moved.v1'] }, ['events_type']],
    ['a rare category', { categories: ['plan'] }, ['events_category']],
    ['a common category', { categories: ['deal'] }, ['events_category']],
    ['several categories', { categories: ['plan', 'deal', 'seller'] }, ['events_category']],
    ['the prefix of a few streams', { prefixes: ['deal-0000077'] }, ['events_stream']],
    ['the prefix of a whole category', { prefixes: ['deal-'] }, ['events_category']],
    ['prefixes of a few streams', { prefixes: [STREAM, 'purchase-00000783'] }, ['events_stream']],
    ['a prefix that is no whole category', { prefixes: ['pla'] }, ['events_stream']],
    [
      'a rare type of a common category',
      { types: ['deal-reopened.v1'], categories: ['deal'] },
      ['events_type'],
    ],
    [
      'types of a rare category',
      { types: ['plan-made.v1', 'deal-advanced.v1'], categories: ['plan'] },
      ['events_category'],
    ],
    [
      'a common type of a few streams',
      { types: ['deal-advanced.v1'], prefixes: [STREAM] },
      ['events_stream'],
    ],
  ])('%s goes through its own index, wherever the reader is', async (_name, filter, indexes) => {
    for (const after of PLACES.slice(0, 2)) {
      const plan = await filteredPlan(filter, after);
      expect(typesOf(plan)).not.toContain('Seq Scan');
      expect(indexesOf(plan)).toEqual(indexes);
      for (const node of nodesOf(plan).filter((each) => each['Index Name']))
        expect(node['Index Cond']).toMatch(/hashtext|stream/);
    }
  });

  it.each<[string, EventFilter]>([
    ['a type', { types: ['deal-advanced.v1'] }],
    ['more types than are merged', { types: Array.from({ length: 40 }, (_, n) => `type-${n}.v1`) }],
    ['a prefix of everything', { prefixes: [''] }],
    ['wide prefixes', { prefixes: ['deal-', 'customer-'] }],
    ['types and categories', { types: ['a.v1', 'b.v1'], categories: ['deal', 'customer'] }],
    ['types and wide prefixes', { types: ['unheard-of.v1', 'b.v1'], prefixes: ['deal-', 'customer-'] }],
    [
      'categories that nobody ever wrote',
      { categories: Array.from({ length: 40 }, (_, n) => `category${n}`) },
    ],
    ['all three', { types: ['deal-advanced.v1'], categories: ['deal'], prefixes: ['deal-'] }],
    ['no type', { types: [] }],
    ['no category', { categories: [] }],
    ['no prefix', { prefixes: [] }],
  ])('%s never goes through the whole table, wherever the reader is', async (_name, filter) => {
    for (const after of PLACES) {
      const plan = await filteredPlan(filter, after);
      expect(typesOf(plan)).not.toContain('Seq Scan');
    }
  });

  it.each<[string, EventFilter]>([
    ['types', { types: ['deal-advanced.v1', 'deal-opened.v1', 'seller-moved.v1'] }],
    ['categories', { categories: ['deal', 'purchase'] }],
  ])('merges %s in the order of their index, so that it reads no more than a page', async (_name, filter) => {
    for (const after of PLACES) {
      const plan = await filteredPlan(filter, after);
      expect(typesOf(plan)).toContain('Merge Append');
      for (const node of nodesOf(plan).filter((each) => each['Index Name']))
        expect(node['Index Cond']).toMatch(/hashtext.* AND .*"position" \+ 0\) > /);
    }
  });
});

describe('what runs inside of the store functions', () => {
  /** Plans of all statements that a call runs inside, as the server itself reports them. */
  async function plansInside(call: string, values: readonly unknown[] = []): Promise<readonly Node[]> {
    const plans: Node[] = [];
    const onNotice = ({ message }: { message?: string | undefined }): void => {
      const [, json] = /plan:\s*(\{[\s\S]*\})\s*$/.exec(message ?? '') ?? [];
      if (json !== undefined) plans.push(JSON.parse(json).Plan);
    };
    client.on('notice', onNotice);
    await client.query(
      `load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
       set auto_explain.log_format = json; set client_min_messages = log; begin`,
    );
    try {
      await client.query(call, [...values]);
    } finally {
      await client.query('rollback; set auto_explain.log_min_duration = -1; reset client_min_messages');
      client.off('notice', onNotice);
    }
    return plans;
  }

  const moment = '2026-01-01T00:00:00Z';

  it('an append looks each stream up by its index', async () => {
    const columns = [
      arrayOf('text', [STREAM, 'deal-new']),
      arrayOf('integer', [-3, -1]),
      arrayOf('integer', [1, 1]),
      arrayOf('integer', [0, 1]),
      arrayOf('text', ['{}', '{}']),
      arrayOf('integer', [1, 2]),
      arrayOf('integer', [1, 1]),
      arrayOf('uuid', [randomUUID(), randomUUID()]),
      arrayOf('text', ['noted.v1', 'noted.v1']),
      arrayOf('timestamptz', [moment, moment]),
      arrayOf('text', ['{}', '{}']),
    ];
    const types =
      'text[] integer[] integer[] integer[] text[] integer[] integer[] uuid[] text[] timestamptz[] text[]';
    const parameters = types.split(' ').map((type, index) => `$${index + 1}::${type}`);
    const plans = await plansInside(`select es.append(${parameters.join(', ')})`, columns);
    expect(plans.length).toBeGreaterThanOrEqual(3);
    const scans = plans.flatMap(scansOf).filter((node) => node['Node Type'] !== 'ModifyTable');
    expect(scans.length).toBeGreaterThan(0);
    expect(scans.map((node) => node['Index Name'])).toEqual(scans.map(() => 'events_stream'));
  });

  it('an append at known revisions does so too', async () => {
    const columns = [
      arrayOf('text', ['{}', '{}']),
      arrayOf('text', ['{}', '{}']),
      arrayOf('text', [STREAM, 'deal-new']),
      arrayOf('uuid', [randomUUID(), randomUUID()]),
      arrayOf('text', ['noted.v1', 'noted.v1']),
      arrayOf('timestamptz', [moment, moment]),
      arrayOf('integer', [9, -1]),
      arrayOf('boolean', [true, false]),
      arrayOf('text', ['command-none']),
    ];
    const types = 'text[] text[] text[] uuid[] text[] timestamptz[] integer[] boolean[] text[]';
    const parameters = types.split(' ').map((type, index) => `$${index + 1}::${type}`);
    const plans = await plansInside(`select es.append_known(${parameters.join(', ')})`, columns);
    const looks = plans
      .flatMap(scansOf)
      .filter((node) => node['Relation Name'] === 'events' && node['Node Type'] !== 'ModifyTable');
    expect(looks.map((node) => node['Index Name'])).toEqual(['events_stream', 'events_stream']);
  });

  it('the append of one event does so too', async () => {
    const values = [STREAM, 9, randomUUID(), 'noted.v1', moment, '{}', '{}'];
    const plans = await plansInside('select es.append_known_one($1, $2, $3, $4, $5, $6, $7)', values);
    const looks = plans
      .flatMap(scansOf)
      .filter((node) => node['Relation Name'] === 'events' && node['Node Type'] !== 'ModifyTable');
    expect(looks.map((node) => node['Index Name'])).toEqual(['events_stream']);
  });

  it('the older append of one event does so too', async () => {
    const values = [STREAM, 9, '{}', randomUUID(), 'noted.v1', moment, '{}'];
    const plans = await plansInside('select es.append_one($1, $2, $3, $4, $5, $6, $7)', values);
    const scans = plans.flatMap(scansOf).filter((node) => node['Node Type'] !== 'ModifyTable');
    expect(scans.map((node) => node['Index Name'])).toEqual(['events_stream']);
  });

  it('the older append does so too', async () => {
    const writes = JSON.stringify([{ g: 0, w: 0, stream: STREAM, expected: 9, events: 1, metadata: '{}' }]);
    const events = JSON.stringify([
      { w: 0, i: 1, id: randomUUID(), type: 'noted.v1', at: moment, data: '{}' },
    ]);
    const plans = await plansInside('select es.append($1::json, $2::json)', [writes, events]);
    const scans = plans.flatMap(scansOf).filter((node) => node['Node Type'] !== 'ModifyTable');
    expect(scans.map((node) => node['Index Name'])).toEqual(['events_stream']);
  });

  it('the position of a moment is found step by step through the primary key', async () => {
    const plans = await plansInside('select es.position_at(now())');
    const scans = plans.flatMap(scansOf);
    expect(scans.length).toBeGreaterThan(10);
    expect([...new Set(scans.map((node) => node['Index Name']))]).toEqual(['events_pkey']);
  });
});

describe('the inspection', () => {
  it.each<[string, string, readonly string[]]>([
    ['a page', inspection.PAGE, ['1', '10000005', '1000', 'now()']],
    ['the event before', inspection.BEFORE, ['5000000']],
    ['texts', inspection.TEXTS, ['5000000']],
    ['both ends', inspection.ENDS, []],
  ])('looks up %s by index', async (_name, text, values) => {
    const plan = await planOf(text, values, 'force_custom_plan');
    expect(scansOf(plan).map((node) => node['Node Type'])).not.toContain('Seq Scan');
    expect(scansOf(plan).length).toBeGreaterThan(0);
  });
});

it('finds prefixes by the same index where the database sorts text by the rules of a language', async () => {
  const name = `guanxi_test_${randomUUID().replaceAll('-', '')}`;
  await client.query(
    `create database ${name} template template0 encoding 'UTF8' locale_provider icu icu_locale 'en-US'`,
  );
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  await migrate(url.href);
  const other = createPool({ url: url.href, name: 'test', max: 1 });
  try {
    await other.query('set enable_seqscan = off');
    const { rows } = await other.query(`explain (format json) select from es.events where stream ^@ 'pla'`);
    const plan: Node = rows[0]['QUERY PLAN'][0].Plan;
    expect(indexesOf(plan)).toEqual(['events_stream']);
    expect(JSON.stringify(plan)).toContain("~>=~ 'pla'");
  } finally {
    await other.end();
    await client.query(`drop database ${name} with (force)`);
  }
});

/** A query that is added and not looked at here would slip through. */
it('knows every query of the readers', () => {
  expect(Object.keys(queries).sort()).toEqual(
    [
      'COUNT_EVENTS',
      'HEAD',
      'POSITION_AT',
      'READ_STREAM',
      'READ_STREAMS',
      'REVISION_AT',
      'STORED',
      'readAllSql',
    ].sort(),
  );
});
