import { createPool, migrate } from '@guanxi/platform';
import type { Pool } from 'pg';
import type { TestDatabase } from '../../../../test/support/postgres';
import { testDatabase } from '../../../../test/support/postgres';
import type { Ran } from '../testing/ran';
import { ran } from '../testing/ran';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await testDatabase();
  pool = createPool({ url: database.url, name: 'test', max: 2 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const KEY = '0b7c3f4e-51c5-4c8e-9a2f-1d4b6a7c8e90';
const guanxi = (...argv: readonly string[]): Promise<Ran> =>
  ran(['timers', ...argv], { DATABASE_URL: database.url });

it('says where no policy can have run', async () => {
  expect(await guanxi('list')).toMatchObject({ code: 1, err: expect.stringContaining('store.missing') });
});

it.each([
  ['--limit', '0'],
  ['--status', 'lost'],
])('takes %s %s for wrong use', async (...argv) => {
  expect(await guanxi('list', ...argv)).toMatchObject({ code: 2 });
});

describe('with a policy that has timers and a refused command', () => {
  beforeAll(async () => {
    await migrate(database.url);
    await pool.query(
      `insert into ops.generations (generation, model, version) values ('policy_clock_v1', 'policy:clock', 1)`,
    );
    await pool.query(
      `insert into ops.timers (generation, shard, key, name, due_at, fires_at, cause_id, cause_stream, cause_position,
                               correlation_id, tenant, fired_at, fired_number, late_by)
       select 'policy_clock_v1', 0, $1, name, now() + due, now() + due, 'e', 's', 1, 'c', 'default',
              case when late is not null then now() end, late, late
         from (values ('tomorrow', interval '1 day', null::bigint), ('overdue', interval '-1 hour', null),
                      ('late', interval '-2 days', 7200000), ('punctual', interval '-3 days', 10))
              as t (name, due, late)`,
      [KEY],
    );
    await pool.query(
      `insert into ops.refused_commands (number, policy, key, command_key, command, data, correlation_id, causation_id,
                                         code, message)
       values (1, 'clock', $1, $1, 'EscalateComplaint', '{}', 'c', 'e', 'complaint.not-open', 'the complaint is closed')`,
      [KEY],
    );
  });

  it('counts them by policy, and names what fires next first', async () => {
    const { code, json } = await guanxi('list', '--json');
    expect(code).toBe(0);
    expect(json).toMatchObject({
      policies: [{ policy: 'clock', pending: 2, due: 1, fired: 2, firedLate: 1, outbox: 0, refused: 1 }],
      timers: [
        { name: 'overdue', status: 'due', key: KEY },
        { name: 'tomorrow', status: 'set', firedAt: null, lateSeconds: null },
        { name: 'late', status: 'fired', lateSeconds: 7_200 },
        { name: 'punctual', status: 'fired' },
      ],
    });
    const { policies } = json as { readonly policies: readonly [{ readonly lateSeconds: number }] };
    expect(policies[0].lateSeconds).toBeGreaterThanOrEqual(3_600);
  });

  it('names those of one status or policy', async () => {
    expect((await guanxi('list', '--status', 'due', '--json')).json).toMatchObject({
      timers: [{ name: 'overdue' }],
    });
    expect((await guanxi('list', '--policy', 'other', '--json')).json).toMatchObject({ timers: [] });
  });

  it('shows what was refused, with the rule', async () => {
    expect((await guanxi('refused')).out).toMatch(/clock.*EscalateComplaint.*complaint\.not-open.*is closed/);
  });
});
