import { contexts } from '@guanxi/contexts';
import { createIndexes, createTables } from '@guanxi/projections';
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
