import { Client } from 'pg';
import type { Snapshot } from '@guanxi/projections';
import type { TestDatabase } from '../../../test/support/postgres';
import { testDatabase } from '../../../test/support/postgres';
import { Filters } from './filters';
import { ListParameters } from './list-parameters';
import { page } from './page';

interface Row {
  readonly id: string;
  readonly at: string | null;
}

describe('pages of a list in which values are missing and equal', () => {
  let database: TestDatabase;
  let client: Client;
  beforeAll(async () => {
    database = await testDatabase();
    client = new Client({ connectionString: database.url, options: '-c TimeZone=UTC' });
    await client.connect();
    await client.query(`create table t (id uuid primary key, at timestamptz, n double precision);
      insert into t select gen_random_uuid(),
             case when g % 4 = 0 then null else timestamptz '2026-01-01' + (g % 5) * interval '1 microsecond' end,
             case when g % 3 = 0 then null else (g % 7) / 3.0 end from generate_series(1, 60) g`);
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const snapshot = (): Snapshot => ({
    moment: { asOf: null, known: null },
    asOf: '2026-01-01T00:00:00.000Z' as Snapshot['asOf'],
    rows: async <R>(sql: string, values: readonly unknown[] = []) =>
      (await client.query(sql, [...values])).rows as R[],
    reached: () => 0n,
    of: () => 't',
    streamsOf: () => '',
    movementsOf: () => 't',
    at: () => snapshot(),
  });

  const list = (sort: string, limit: number, cursor?: string) =>
    page<Row>(snapshot(), {
      from: 't',
      select: 'id, at::text as at, n',
      filters: new Filters().atLeast('2', 1),
      sortable: { at: { column: 'at', type: 'timestamptz' }, n: { column: 'n', type: 'double precision' } },
      defaultSort: 'at',
      parameters: Object.assign(new ListParameters(), {
        sort,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      }),
    });

  it.each(['at', '-at', 'n', '-n'])('are by %s the whole list, cut', async (sort) => {
    const whole = await list(sort, 1_000);
    expect(whole.nextCursor).toBeNull();
    const column = sort.replace('-', '');
    const { rows } = await client.query<Row>(
      `select id, at::text as at, n from t order by ${column} ${sort.startsWith('-') ? 'desc' : 'asc'} nulls last, id`,
    );
    expect(whole.items).toEqual(rows);
    const paged: Row[] = [];
    let cursor: string | undefined;
    do {
      const one = await list(sort, 7, cursor);
      paged.push(...one.items);
      cursor = one.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(paged).toEqual(rows);
  });
});
