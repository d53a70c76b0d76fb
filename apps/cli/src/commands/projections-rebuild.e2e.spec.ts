import { contexts } from '@guanxi/contexts';
import { tablesOf } from '@guanxi/projections';
import type { Ran } from '../testing/ran';
import { ran } from '../testing/ran';
import { Running } from '../testing/running';

const MODELS = contexts.flatMap(({ readModels }) => readModels);

let running: Running;
beforeAll(async () => {
  running = await Running.start();
  const { code } = await running.guanxi(
    'simulate',
    '--years',
    '1',
    '--seed',
    'rebuild',
    '--until',
    '2026-07-01',
  );
  expect(code).toBe(0);
  await running.caughtUp();
});
afterAll(() => running.stop());

const guanxi = (...argv: readonly string[]): Promise<Ran> => ran(argv, running.databaseEnv);
const rebuild = (...argv: readonly string[]): Promise<Ran> => guanxi('projections', 'rebuild', ...argv);

/** Every row of a generation's tables, as text and in one order. */
async function rowsOf(generation: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const found: Record<string, readonly string[]> = {};
  for (const [kind, table] of Object.entries(tablesOf(generation))) {
    const { rows: there } = await running.product.pool.query('select where to_regclass($1) is not null', [
      table,
    ]);
    if (there.length === 0) continue;
    const { rows } = await running.product.pool.query<{ line: string }>(
      `select t::text as line from ${table} t order by t::text collate "C"`,
    );
    found[kind] = rows.map(({ line }) => line);
  }
  return found;
}

it.each(MODELS.map(({ name, version }) => [name, `${name}_v${version}`]))(
  '%s rebuilt holds the very rows that following the log gave it',
  async (model, living) => {
    const { code, err, json } = await rebuild(model, '--json');
    expect(err).toContain(`building ${living}_g2`);
    expect([code, json]).toMatchObject([0, { state: 'done', generation: `${living}_g2`, parked: 0 }]);
    const rebuilt = await rowsOf(`${living}_g2`);
    expect(rebuilt).toEqual(await rowsOf(living));
    expect(rebuilt['current']?.length).toBeGreaterThan(0);
  },
);

it('tells how the latest one stands, and that another may be compared and may answer', async () => {
  expect(await rebuild('deals', '--status')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^deals_v\d+_g2: done, up to position \d+\n$/),
  });
  const again = await rebuild('deals');
  expect(again.err).toMatch(/dropped deals_v\d+_g2, which did not serve/);
  expect(again.out).toMatch(/_g3 is built and has caught up: [\d,]+ events in [\d.]+ s/);
  expect(again.out).toMatch(/"guanxi projections diff deals".*"guanxi projections switch deals"/);
  expect(await guanxi('projections', 'diff', 'deals')).toMatchObject({ code: 0 });
  expect(await guanxi('projections', 'switch', 'deals')).toMatchObject({ code: 0 });
  expect((await rebuild('deals')).err).not.toContain('dropped');
});

it.each([
  [['nonsense'], 1, 'projection.unknown'],
  [['deals', '--pause'], 1, 'rebuild.none'],
  [['deals', '--cancel'], 1, 'rebuild.none'],
  [['deals', '--cancel', '--pause'], 2, 'exclude each other'],
  [['deals', '--spill', '/dev/null'], 1, 'rebuild.spill-refused'],
])('refuses %p', async (argv, code, words) => {
  expect(await rebuild(...argv)).toMatchObject({ code, err: expect.stringContaining(words) });
});
