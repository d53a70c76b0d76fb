import type { EventFilter } from '@guanxi/event-store';
import { createPool, migrate } from '@guanxi/platform';
import type { Pool } from 'pg';
import type { TestDatabase } from '../../../test/support/postgres';
import { testDatabase } from '../../../test/support/postgres';
import { readAllSql } from './queries.sql';

interface Stored {
  readonly position: number;
  readonly stream: string;
  readonly type: string;
}

const LAST = 600;
const types = ['opened.v1', 'noted.v1', 'moved.v1', 'closed.v1'];
const categories = ['deal', 'deals', 'customer', 'note'];
const stored: readonly Stored[] = Array.from({ length: LAST }, (_, n) => ({
  position: n + 1,
  stream: `${categories[(n * 7) % 4] ?? ''}-${String((n * 13) % 23)}${n % 5 === 0 ? '-x%_' : ''}`,
  type: types[n < 400 ? (n * 11) % 4 : n % 2] ?? '',
}));

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url);
  pool = createPool({ url: database.url, name: 'test', max: 1 });
  await pool.query(
    `insert into es.events
     select position, stream, position, gen_random_uuid(), type, now(), now(), '{}', '{}'
       from json_to_recordset($1) as e (position integer, stream text, type text)`,
    [JSON.stringify(stored)],
  );
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

function passes({ stream, type }: Stored, filter: EventFilter): boolean {
  return (
    (filter.types?.includes(type) ?? true) &&
    (filter.categories?.includes(stream.split('-')[0] ?? '') ?? true) &&
    (filter.prefixes?.some((prefix) => stream.startsWith(prefix)) ?? true)
  );
}

const many = (names: readonly string[]): readonly string[] => [
  ...names,
  ...Array.from({ length: 40 }, (_, n) => `unheard-of-${String(n)}`),
];

const someTypes = [
  undefined,
  [],
  ['noted.v1'],
  ['nothing.v1'],
  ['moved.v1', 'opened.v1', 'moved.v1'],
  many(['closed.v1']),
];
const someCategories = [undefined, [], ['deal'], ['dea'], ['note', 'deal'], many(['deals', 'note'])];
const somePrefixes = [
  ...[undefined, [], [''], ['deal-'], ['deal-1'], ['deal-10-x%_'], ['dea'], ['nobody-']],
  ...[['deal', 'deal-1', 'deal-1'], ['customer-', 'note-2'], ['%'], ['-']],
];
const filters = someTypes.flatMap((wanted) =>
  someCategories.flatMap((named) =>
    somePrefixes.map((begun): EventFilter => ({
      ...(wanted && { types: wanted }),
      ...(named && { categories: named }),
      ...(begun && { prefixes: begun }),
    })),
  ),
);

it.each([
  [0, LAST, 1_000],
  [0, LAST, 7],
  [390, 500, 20],
  [LAST, LAST, 10],
])('answers what passes behind %s up to %s, at most %s, whatever the filter', async (after, to, limit) => {
  for (const filter of filters) {
    const { text, values } = readAllSql(filter);
    const { rows } = await pool.query<unknown[]>({
      text,
      values: [after, to, limit, ...values],
      rowMode: 'array',
    });
    const expected = stored
      .filter((event) => event.position > after && event.position <= to && passes(event, filter))
      .slice(0, limit);
    const found = rows.map((row) => ({ position: Number(row[0]), stream: row[1], type: row[4] }));
    expect({ filter, found }).toEqual({ filter, found: expected });
  }
});
