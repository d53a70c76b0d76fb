import type { PoolClient } from 'pg';

/** Two sets of rows of one kind that should be equal: SQL sub-selects with the same columns, one of them `id`. */
export interface Sides {
  /** What it is: `rows`, `versions`, `movements`, `streams`. */
  readonly table: string;
  readonly left: string;
  readonly right: string;
}

/** How two sets of rows compare as a whole. */
export interface ComparedTable {
  readonly table: string;
  readonly left: { readonly rows: number; readonly hash: string };
  readonly right: { readonly rows: number; readonly hash: string };
}

/** Where two sides differ. */
export interface Comparison {
  readonly tables: readonly ComparedTable[];
  /** Keys of which any row differs. */
  readonly differing: number;
  /** The first of them, in order, with the tables in which they differ. */
  readonly keys: readonly { readonly key: string; readonly tables: readonly string[] }[];
}

interface Part {
  readonly rows: number;
  readonly hash: bigint;
}

/**
 * Compares sets of rows: counts and hashes for each of 256 ranges of keys first, then key by key in those that differ.
 * @param client in one snapshot for both sides
 * @param limit so many differing keys are named, the rest is counted
 */
export async function compare(
  client: PoolClient,
  sides: readonly Sides[],
  limit: number,
): Promise<Comparison> {
  const tables: ComparedTable[] = [];
  const unequal = new Set<number>();
  for (const side of sides) {
    const [left, right] = [await partsOf(client, side.left), await partsOf(client, side.right)];
    tables.push({ table: side.table, left: sumOf(left), right: sumOf(right) });
    for (const part of new Set([...left.keys(), ...right.keys()])) {
      if (!isSame(left.get(part), right.get(part))) unequal.add(part);
    }
  }
  let differing = 0;
  const keys: { key: string; tables: readonly string[] }[] = [];
  for (const range of rangesOf(unequal)) {
    const found = await differingKeys(client, sides, range, limit - keys.length);
    differing += found.differing;
    keys.push(...found.keys);
  }
  return { tables, differing, keys };
}

/** Most neighbouring parts that are looked through in one go. */
const PARTS_AT_ONCE = 32;

interface PartRange {
  readonly first: number;
  readonly last: number;
}

/** Neighbouring parts together, in order. */
function rangesOf(parts: ReadonlySet<number>): readonly PartRange[] {
  const ranges: PartRange[] = [];
  for (const part of [...parts].sort((a, b) => a - b)) {
    const before = ranges.at(-1);
    if (before?.last === part - 1 && part - before.first < PARTS_AT_ONCE)
      ranges.splice(-1, 1, { first: before.first, last: part });
    else ranges.push({ first: part, last: part });
  }
  return ranges;
}

const ROW_HASH = 'hashtextextended(r::text, 0)';

async function partsOf(client: PoolClient, rows: string): Promise<ReadonlyMap<number, Part>> {
  const found = await client.query<{ part: string; rows: string; hash: string }>(
    `select left(r.id::text, 2) as part, count(*)::text as rows, sum(${ROW_HASH})::text as hash
       from ${rows} as r group by 1`,
  );
  return new Map(
    found.rows.map(({ part, rows: count, hash }) => [
      parseInt(part, 16),
      { rows: Number(count), hash: BigInt(hash) },
    ]),
  );
}

const isSame = (left: Part | undefined, right: Part | undefined): boolean =>
  left?.rows === right?.rows && left?.hash === right?.hash;

function sumOf(parts: ReadonlyMap<number, Part>): ComparedTable['left'] {
  let rows = 0;
  let hash = 0n;
  for (const part of parts.values()) {
    rows += part.rows;
    hash += part.hash;
  }
  return { rows, hash: BigInt.asUintN(64, hash).toString(16).padStart(16, '0') };
}

const hex = (part: number): string => part.toString(16).padStart(2, '0');

async function differingKeys(
  client: PoolClient,
  sides: readonly Sides[],
  range: PartRange,
  limit: number,
): Promise<Pick<Comparison, 'differing' | 'keys'>> {
  const first = `${hex(range.first)}000000-0000-0000-0000-000000000000`;
  const last = `${hex(range.last)}ffffff-ffff-ffff-ffff-ffffffffffff`;
  const hashes = (rows: string): string =>
    `select r.id, count(*) as rows, sum(${ROW_HASH}) as hash from ${rows} as r
      where r.id between '${first}' and '${last}' group by r.id`;
  const different = sides.map(
    ({ table, left, right }) =>
      `select id, '${table}' as name
         from (${hashes(left)}) a full join (${hashes(right)}) b using (id)
        where a.rows is distinct from b.rows or a.hash is distinct from b.hash`,
  );
  const { rows } = await client.query<{ id: string; tables: string[]; differing: string }>(
    `select id, array_agg(name order by name) as tables, (count(*) over ())::text as differing
       from (${different.join(' union all ')}) d group by id order by id limit ${Math.max(limit, 1)}`,
  );
  return {
    differing: Number(rows[0]?.differing ?? 0),
    keys: rows.slice(0, Math.max(limit, 0)).map(({ id, tables }) => ({ key: id, tables })),
  };
}
