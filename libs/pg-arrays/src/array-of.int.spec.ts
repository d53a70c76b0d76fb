import { createPool } from '@guanxi/platform';
import * as fc from 'fast-check';
import type { Pool } from 'pg';
import { testDatabase } from '../../../test/support/postgres';
import type { ElementType } from './array-of';
import { ArrayPacker, UnstorableValue, arrayOf } from './array-of';

let database: Awaited<ReturnType<typeof testDatabase>>;
let pool: Pool;
beforeAll(async () => {
  database = await testDatabase();
  pool = createPool({ url: database.url, name: 'test' });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** What the database makes of an array, as text. */
async function asText(type: ElementType, values: readonly unknown[]): Promise<(string | null)[]> {
  const text =
    type === 'timestamptz' ? `to_char(x at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')` : 'x::text';
  const { rows } = await pool.query<{ text: string | null }>(
    `select ${text} as text from unnest($1::${type}[]) with ordinality as t (x, n) order by n`,
    [arrayOf(type, values)],
  );
  return rows.map((row) => row.text);
}

const instants = fc
  .date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString());
const doubles = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const laws: [ElementType, fc.Arbitrary<unknown>, (value: never) => unknown][] = [
  ['uuid', fc.uuid(), (value: string) => value],
  ['text', fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')), (value: string) => value],
  ['bigint', fc.maxSafeInteger(), String],
  ['bigint', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), String],
  ['integer', fc.integer(), String],
  ['double precision', doubles, Number],
  ['boolean', fc.boolean(), String],
  ['timestamptz', instants, (value: string) => value],
  ['date', instants.map((instant) => instant.slice(0, 10)), (value: string) => value],
];

it.each(laws)('writes %s as the database reads it', async (type, values, expected) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(values), { maxLength: 200 }), async (array) => {
      const read = await asText(type, array);
      const same = type === 'double precision' ? read.map((text) => text && Number(text)) : read;
      expect(same).toEqual(array.map((value) => (value === null ? null : expected(value as never))));
    }),
    { numRuns: 25 },
  );
});

it('writes jsonb, and infinity as the end of time', async () => {
  const document = { b: [1, 'zwei', null], a: { c: '\u4e09' } };
  expect(JSON.parse((await asText('jsonb', [document]))[0] ?? '')).toEqual(document);
  const { rows } = await pool.query('select x::text from unnest($1::timestamptz[]) x', [
    arrayOf('timestamptz', ['infinity']),
  ]);
  expect(rows).toEqual([{ x: 'infinity' }]);
});

it('writes more than its buffer holds, and afterwards little again', async () => {
  const long = 'x'.repeat(5_000_000);
  expect(await asText('text', [long, null, 'y'])).toEqual([long, null, 'y']);
  expect(await asText('text', ['z'])).toEqual(['z']);
});

it.each<[ElementType, unknown]>([
  ['uuid', 'no-uuid'],
  ['uuid', '0d5a4a2e-6f3b-4f0e-9a55-0b1d7a0d3c1'],
  ['uuid', '0d5a4a2e-6f3b-4f0e-9a55-0b1d7a0d3c11aa'],
  ['uuid', '0d5a4a2e-6f3b-4f0e-9a55-0b1d7a0d3czz'],
  ['text', 7],
  ['bigint', 1.5],
  ['bigint', 2 ** 53],
  ['bigint', 2n ** 63n],
  ['integer', 2 ** 31],
  ['integer', '1'],
  ['double precision', '1'],
  ['boolean', 'true'],
  ['timestamptz', 'yesterday'],
  ['date', 'today'],
])('refuses what is no %s: %p', (type, value) => {
  expect(() => arrayOf(type, [value])).toThrow(UnstorableValue);
});

describe('ArrayPacker', () => {
  it('makes what arrayOf makes, each array whole until all are given up', () => {
    const packer = new ArrayPacker();
    for (let turn = 0; turn < 3; turn += 1) {
      // Larger than the memory it begins with, so that it has to grow while the first arrays are in use.
      const columns = Array.from({ length: 40 }, (_, column) =>
        Array.from({ length: 10 }, (_, row) => `${turn}-${column}-${row}-${'x'.repeat(300)}`),
      );
      const packed = columns.map((values) => packer.arrayOf('text', values));
      expect(packed).toEqual(columns.map((values) => arrayOf('text', values)));
      packer.clear();
    }
  });
});
