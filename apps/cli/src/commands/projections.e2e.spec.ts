import { randomUUID } from 'node:crypto';
import { contexts } from '@guanxi/contexts';
import { EventRegistry } from '@guanxi/event-store';
import { parseInstant } from '@guanxi/kernel';
import {
  checkCode,
  columnOf,
  createIndexes,
  createTables,
  prepareReadModels,
  rowsAt,
} from '@guanxi/projections';
import { isRecord } from '../import/types';
import type { Ran } from '../testing/ran';
import { ran } from '../testing/ran';
import { Running } from '../testing/running';

const UNTIL = '2026-07-01';
const MODELS = contexts.flatMap(({ readModels }) => readModels);

let running: Running;
beforeAll(async () => {
  running = await Running.start();
  const simulated = await running.guanxi(
    'simulate',
    '--years',
    '1',
    '--seed',
    'e2e',
    '--until',
    UNTIL,
    '--json',
  );
  expect(simulated.code).toBe(0);
  await running.caughtUp();
});
afterAll(() => running.stop());

const guanxi = (...argv: readonly string[]): Promise<Ran> => ran(argv, running.databaseEnv);
const projections = (...argv: readonly string[]): Promise<Ran> => guanxi('projections', ...argv);

async function rowsOf(
  sql: string,
  ...values: readonly unknown[]
): Promise<readonly Record<string, unknown>[]> {
  const { rows } = await running.product.pool.query<Record<string, unknown>>(sql, [...values]);
  return rows;
}

/** Waits until workers have filled every generation of a model up to where the log ends. */
async function followed(model: string): Promise<void> {
  const { position } = await running.product.store.head();
  for (;;) {
    const [found] = await rowsOf(
      `select min(c.position)::text as lowest from ops.checkpoints c join ops.generations g using (generation)
        where g.model = $1`,
      model,
    );
    if (BigInt(String(found?.['lowest'])) >= position) return;
  }
}

it('lists every read model with what answers, and how far it is', async () => {
  const { code, out } = await projections('list');
  expect(code).toBe(0);
  for (const { name, version } of MODELS)
    expect(out).toMatch(new RegExp(`^${name} +${name}_v${version} +yes +following`, 'm'));
  expect(out).toMatch(/4 of 4: [0-9a-f]{8} .* the same$/m);
  const { json } = await projections('list', '--json');
  expect(json).toMatchObject({
    models: expect.arrayContaining([
      expect.objectContaining({
        model: 'deals',
        generations: [expect.objectContaining({ lag: '0', code: 'same' })],
      }),
    ]),
  });
});

it('tells how far they are behind', async () => {
  const { code, out } = await projections('lag');
  expect(code).toBe(0);
  expect(out).toMatch(/^the log ends at position \d+$/m);
  expect(out).toMatch(/^deals +deals_v1 +yes +following +\d+ +0 +0/m);
  const { json } = await projections('lag', '--json');
  expect(json).toMatchObject({
    generations: expect.arrayContaining([expect.objectContaining({ generation: 'deals_v1', rate: 0 })]),
  });
});

describe('a second generation', () => {
  beforeAll(async () => {
    const model = MODELS.find(({ name }) => name === 'deals');
    if (!model) throw new Error('there are no deals');
    for (const statement of [...createTables(model, 'deals_beside'), ...createIndexes(model, 'deals_beside')])
      await rowsOf(statement);
    await rowsOf(
      `with made as (insert into ops.generations (generation, model, version) values ('deals_beside', 'deals', $1))
       insert into ops.checkpoints (generation, shard, shards, position) values ('deals_beside', 0, 1, 0)`,
      model.version,
    );
    await followed('deals');
  });

  it('is equal to the one that answers, to the last version and movement', async () => {
    const { code, out } = await projections('diff', 'deals');
    expect(out).toMatch(/^deals_v1 \(answers\) and deals_beside, both at position \d+$/m);
    const hashes = [
      ...out.matchAll(/^(?:rows|versions|movements) +[\d,]+ +([0-9a-f]{16}) +[\d,]+ +([0-9a-f]{16})$/gm),
    ];
    expect(hashes).toHaveLength(3);
    for (const [, left, right] of hashes) expect(left).toBe(right);
    expect(out).toMatch(/no difference$/m);
    expect(code).toBe(0);
  });

  it('answers after a switch, until it is taken back', async () => {
    await rowsOf(`update rm.deals_beside set title = 'seen from beside'`);
    const there = await projections('switch', 'deals');
    expect(there).toMatchObject({ code: 0, err: '' });
    expect(there.out).toMatch(/^deals_beside answers for deals now.*before it was deals_v1$/m);
    const shown = async (): Promise<string> => (await running.guanxi('deals', '--limit', '1', '--json')).out;
    expect(await shown()).toContain('seen from beside');
    expect(await rowsOf(`select distinct title from analysis.deals`)).toEqual([
      { title: 'seen from beside' },
    ]);
    expect((await projections('list')).out).toMatch(/^deals +deals_v1 +did before/m);
    const back = await projections('switch', 'deals', '--back', '--json');
    expect(back.json).toMatchObject({ from: 'deals_beside', to: 'deals_v1', lag: '0' });
    expect(await shown()).not.toContain('seen from beside');
    expect(
      await rowsOf(`select count(*)::int as n from analysis.deals where title = 'seen from beside'`),
    ).toEqual([{ n: 0 }]);
  });

  it('shows keys that differ, in bounds, and fails', async () => {
    const { code, out } = await projections('diff', 'deals', '--limit', '2');
    expect(code).toBe(1);
    expect(out).toMatch(/^\d+ keys differ, the first 2:$/m);
    expect(out).toMatch(/^title +.*seen from beside$/m);
    expect(out).toMatch(/^\d+ +deal-opened\.v1 +20/m);
    expect(out).not.toContain('{"value"');
    const { json, code: again } = await projections('diff', 'deals', '--limit', '1', '--data', '--json');
    expect(again).toBe(1);
    expect(json).toMatchObject({
      keys: [{ tables: ['rows', 'versions'], events: expect.any(Array) }],
    });
    expect(JSON.stringify(json)).toMatch(/"type":"deal-opened.v1"[^}]*"data":\{"/);
  });

  it('is dropped when it does not answer', async () => {
    expect(await projections('drop', 'deals', '--generation', 'deals_v1')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/deals_v1 is the one that answers.*\(projection\.serves\)/),
    });
    expect((await projections('drop', 'deals', '--generation', 'deals_beside')).out).toBe(
      'deals_beside is gone\n',
    );
    expect(await projections('switch', 'deals', '--back')).toMatchObject({
      code: 1,
      err: expect.stringContaining('projection.no-previous'),
    });
  });
});

it.each(MODELS.map(({ name }) => name))('finds no difference in %s that was rebuilt', async (model) => {
  const rebuilt = await projections('rebuild', model);
  expect([rebuilt.err, rebuilt.code]).toEqual([expect.any(String), 0]);
  await followed(model);
  const { code, json } = await projections('diff', model, '--json');
  expect([code, json]).toMatchObject([0, { differing: 0, missingColumns: [] }]);
  const { other } = isRecord(json) ? json : {};
  expect((await projections('drop', model, '--generation', String(other))).code).toBe(0);
});

describe('the views for analysts', () => {
  const count = async (from: string, where = 'true'): Promise<unknown> =>
    (await rowsOf(`select count(*)::int as n from ${from} as v where ${where}`))[0]?.['n'];

  it.each(MODELS.map((model) => [model.name, model] as const))(
    'show %s as it stands',
    async (name, model) => {
      const table = `rm.${name}_v${model.version}`;
      expect(await count(`analysis.${name}`)).toBe(await count(table));
      expect(await count(`analysis.${name}_at()`)).toBe(await count(table));
      expect(await count(`analysis.${name}_versions`)).toBe(
        Number(await count(table)) + Number(await count(`${table}_history`)),
      );
      const commented = await rowsOf(
        `select a.attname from pg_attribute a left join pg_description d on d.objoid = a.attrelid and d.objsubid = a.attnum
        where a.attrelid = to_regclass($1) and a.attnum > 0 and d.description is null`,
        `analysis.${name}`,
      );
      expect(commented).toEqual([]);
    },
  );

  it.each([
    ['2026-02-01T00:00:00.000Z', 'half'],
    ['2026-02-01T00:00:00.000Z', 'whole'],
    ['1990-01-01T00:00:00.000Z', 'whole'],
    ['2999-01-01T00:00:00.000Z', 'half'],
    ['2999-01-01T00:00:00.000Z', 'none'],
  ])('tell what was true at %s with %s of the log known as the engine does', async (asOf, known) => {
    const [middle] = await rowsOf(
      `select recorded_at::text as at, es.position_at(recorded_at)::text as position
         from es.events where position = (select max(position) / 2 from es.events)`,
    );
    const at = { half: String(middle?.['at']), whole: '2999-01-01', none: '1990-01-01' }[known] ?? '';
    const position = { half: BigInt(String(middle?.['position'])), none: 0n }[known] ?? null;
    for (const model of MODELS) {
      const placed = { model, generation: `${model.name}_v${model.version}` };
      const engine = rowsAt(placed, { asOf: parseInstant(asOf), known: position });
      const columns = ['id', ...Object.keys(model.columns).map(columnOf), 'valid_from'].join(', ');
      const analysts = `analysis.${model.name}_at('${asOf}', '${at}')`;
      const [same] = await rowsOf(
        `with engine as (select ${columns} from ${engine} as e), analysts as (select ${columns} from ${analysts})
         select (select count(*)::int from (table engine except all table analysts) as a) as lacking,
                (select count(*)::int from (table analysts except all table engine) as b) as added`,
      );
      expect([model.name, same]).toEqual([model.name, { lacking: 0, added: 0 }]);
    }
  });

  it('are all that a role needs, and keep what it was granted when they lose a column', async () => {
    const role = `analyst_${randomUUID().slice(0, 8)}`;
    await rowsOf(`create role ${role}`);
    try {
      await rowsOf(`grant usage on schema analysis to ${role}`);
      await rowsOf(`grant select on all tables in schema analysis to ${role}`);
      const asAnalyst = async (sql: string): Promise<unknown> => {
        const client = await running.product.pool.connect();
        try {
          await client.query(`set role ${role}`);
          return (await client.query(sql)).rows;
        } finally {
          client.release(true);
        }
      };
      const there = await count('rm.sellers_v1');
      const sellers = `select count(*)::int as n from analysis.sellers_at('infinity', '2999-01-01')`;
      expect(await asAnalyst(sellers)).toEqual([{ n: there }]);
      await expect(asAnalyst('select from es.events')).rejects.toThrow(/permission denied/);
      await expect(asAnalyst('select from rm.sellers_v1')).rejects.toThrow(/permission denied/);

      await rowsOf('alter table rm.sellers_v1 rename region to area');
      await rowsOf('alter table rm.sellers_v1_history rename region to area');
      await rowsOf('create view rests_on_sellers as select region from analysis.sellers');
      await expect(prepareReadModels(running.product.pool, MODELS)).rejects.toMatchObject({
        code: 'analysis.in-use',
      });
      await rowsOf('drop view rests_on_sellers');
      await prepareReadModels(running.product.pool, MODELS);
      expect(await asAnalyst('select distinct area is null as empty from analysis.sellers')).toHaveLength(1);
      expect(await asAnalyst(sellers)).toEqual([{ n: there }]);
    } finally {
      await rowsOf('alter table rm.sellers_v1 rename area to region');
      await rowsOf('alter table rm.sellers_v1_history rename area to region');
      await prepareReadModels(running.product.pool, MODELS);
      await rowsOf(`drop owned by ${role}`);
      await rowsOf(`drop role ${role}`);
    }
  });
});

it('finds at the start that the code makes the rows that are there', async () => {
  for (;;) {
    const found = await rowsOf('select generation, keys, differing from ops.code_findings');
    if (found.length < MODELS.length) {
      // There was nothing yet of some when the product started: look again, as the next start would.
      const { pool, store } = running.product;
      const registry = new EventRegistry(contexts.flatMap(({ events }) => events));
      expect(await checkCode({ pool, store, registry, models: MODELS })).toEqual([]);
      continue;
    }
    expect(found.length).toBe(MODELS.length);
    for (const { keys, differing } of found) {
      expect(keys).toBeGreaterThan(0);
      expect(differing).toBe(0);
    }
    return;
  }
});

it('explains a row by its events, now and then', async () => {
  const [deal] = await rowsOf(
    `select id, min(valid_from)::text as since from rm.deals_v1_history group by id order by count(*) desc limit 1`,
  );
  const id = String(deal?.['id']);
  const { code, out } = await projections('explain', 'deals', id);
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^deals ${id} in deals_v1, as it stands, known up to position \\d+$`, 'm'));
  expect(out).toMatch(/^status +(?:open|won|lost)$/m);
  expect(out).toMatch(/^- +20\d\d-.*Z +20\d\d-.*Z +\d+ deal-opened\.v1 +\d+ deal-/m);
  expect(out).toMatch(/^\* +20\d\d-/m);
  const { json } = await projections('explain', 'deals', id, '--as-of', '2000-01-01', '--json');
  expect(json).toMatchObject({ key: id, row: null, asOf: '2000-01-01T00:00:00.000Z' });
  expect(isRecord(json) && Array.isArray(json['versions']) && json['versions'].length).toBeGreaterThan(1);
  const unknown = await projections('explain', 'deals', id, '--as-known-at', '2000-01-01');
  expect(unknown.out).toMatch(/known up to position 0[^]*no row[^]*no event is known/);
});

it.each(MODELS.map(({ name }) => name))('replays %s as it is, and as it was', async (model) => {
  expect(await guanxi('replay', model)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/\nno difference\n$/),
  });
  for (const moments of [
    ['--as-of', '2026-01-01'],
    ['--as-of', '2026-03-01', '--as-known-at', '2999-01-01'],
    ['--as-known-at', '2000-01-01'],
  ]) {
    const { code, json } = await guanxi('replay', model, ...moments, '--json');
    expect([code, json]).toMatchObject([0, { differing: 0, unfoldable: [] }]);
  }
});

it('shows where the live answer is not what the events say', async () => {
  const [one] = await rowsOf(
    `update rm.sellers_v1 set name = 'Nobody' where id = (select id from rm.sellers_v1 order by id limit 1) returning id`,
  );
  const id = String(one?.['id']);
  const { code, out } = await guanxi('replay', 'sellers', '--keys', id, '--keep');
  expect(code).toBe(1);
  expect(out).toMatch(/^name +Nobody +\S/m);
  const schema = /in schema (replay_\w+)/.exec(out)?.[1] ?? '';
  expect(await rowsOf(`select id from ${schema}.sellers`)).toEqual([{ id }]);
});

describe('bad input', () => {
  it.each([
    [
      ['projections', 'diff', 'dels'],
      1,
      /there is no read model dels; there are complaints, customers, deals/,
    ],
    [['projections', 'switch', 'nonsense'], 1, /projection\.unknown/],
    [
      ['projections', 'switch', 'deals', '--generation', 'deals_v9'],
      1,
      /no generation deals_v9; there are deals_v1/,
    ],
    [['projections', 'switch', 'deals', '--back', '--generation', 'x'], 2, /exclude each other/],
    [['projections', 'diff', 'purchases'], 1, /one generation alone.*projections rebuild purchases/],
    [['projections', 'diff', 'deals', '--limit', '0'], 2, /whole number from 1 to 1000/],
    [['projections', 'explain', 'deals', '17'], 1, /UUID.*projection\.key-malformed/],
    [['projections', 'explain', 'deals', '7d1f7a52-0000-4000-8000-000000000000'], 1, /holds nothing about/],
    [['projections', 'explain', 'deals', 'x', '--as-of', 'yesterday'], 2, /day or an RFC 3339/],
    [['projections', 'nonsense'], 2, /unknown command/],
    [['projections', 'drop', 'deals'], 2, /--generation/],
    [['replay', 'nonsense'], 1, /there are complaints/],
    [['replay', 'deals', '--as-known-at', '2026-02-30'], 2, /day or an RFC 3339/],
    [['replay', 'deals', '--keys', 'x,y'], 1, /projection\.key-malformed/],
  ])('%j exits with %i and says why', async (argv, code, words) => {
    const done = await guanxi(...argv);
    expect([done.code, done.err]).toEqual([code, expect.stringMatching(words)]);
  });
});
