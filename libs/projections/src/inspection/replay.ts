import type { Instant } from '@guanxi/kernel';
import { invalid, isUuid } from '@guanxi/kernel';
import type { Pool } from 'pg';
import { createTables } from '../ddl';
import { inTransaction } from '../generations';
import { movementsAt, rowsAt } from '../moment';
import type { Placed } from '../moment';
import type { AnyReadModel } from '../read-model';
import { columnOf } from '../read-model';
import { readTypes } from '../row-codec';
import { readBooks } from './books';
import type { CommonColumns } from './common-columns';
import { commonColumns, placedWith } from './common-columns';
import type { Comparison, Sides } from './comparison';
import { compare } from './comparison';
import type { DiffParts } from './diff';
import { modelNamed, servingGeneration } from './known-models';
import { foldInto } from './replay-fold';
import type { ReplayOptions } from './replay-options';
import type { Unfoldable } from './replay-fold';
import { inScratchSchema } from './scratch-schema';
import { inSnapshot } from './snapshot';

/** A key for which the live answer is another than the replayed one. */
export interface ReplayDifference {
  readonly key: string;
  readonly tables: readonly string[];
  readonly live: object | null;
  readonly replayed: object | null;
}

/** What a replay found. */
export interface Replay extends Omit<Comparison, 'keys' | 'tables'> {
  readonly model: string;
  /** The generation that gave the live answer. */
  readonly generation: string;
  readonly asOf: Instant | null;
  /** The last position that counts as known. */
  readonly position: string;
  /** Events that were read, and keys that were folded. */
  readonly events: number;
  readonly foldedKeys: number;
  readonly tables: readonly {
    readonly table: string;
    readonly live: { readonly rows: number; readonly hash: string };
    readonly replayed: { readonly rows: number; readonly hash: string };
  }[];
  readonly missingColumns: readonly string[];
  readonly keys: readonly ReplayDifference[];
  /** Keys whose events cannot be folded; the live answer holds what was before. */
  readonly unfoldable: readonly Unfoldable[];
  /** Name of the scratch schema, where it was kept. */
  readonly schema?: string;
}

const SHOWN = 20;

/**
 * Folds the events that were known at a moment, key by key and in the order in which they were true, into tables of a
 * schema of their own, and holds that against what the live query says. It shares nothing with the tables of the
 * living but the model's functions. Memory is that of a slice of keys, however long the log is.
 * @throws DomainError `projection.unknown`, `projection.not-built`, `projection.key-malformed`, `replay.interrupted`
 */
export async function replay(parts: DiffParts, name: string, options: ReplayOptions = {}): Promise<Replay> {
  const { asOf = null, asKnownAt, keep = false, shown = SHOWN } = options;
  const keys = options.keys?.map(keyOf);
  const model = modelNamed(parts.models, name);
  const serving = servingGeneration(await readBooks(parts.pool), name);
  const then = asKnownAt === undefined ? serving.lowest : await parts.store.positionAt(asKnownAt);
  const position = then < serving.lowest ? then : serving.lowest;
  const known = { ...options, ...(keys ? { keys } : {}) };
  return inScratchSchema(parts.pool, keep, async (schema) => {
    const scratch = { model, generation: `${schema}.${name}` };
    await makeTables(parts.pool, scratch, schema);
    const work = { scratch, serving: serving.generation, sources: `${schema}.sources`, position };
    const folded = await foldInto(parts, work, known);
    const found = await inSnapshot(parts.pool, async (client) => {
      const common = await commonColumns(client, model, [serving.generation, scratch.generation]);
      const live = placedWith(common, serving.generation);
      const sides = sidesOf(live, placedWith(common, scratch.generation), { asOf, position, keys });
      return { ...(await compare(client, sides, shown)), common };
    });
    const { tables, keys: differing, common, ...rest } = found;
    const generations = { live: serving.generation, scratch: scratch.generation };
    return {
      ...{ model: name, generation: serving.generation, asOf, position: String(position) },
      ...{ events: folded.events, foldedKeys: folded.keys, unfoldable: folded.unfoldable, ...rest },
      tables: tables.map(({ table, left, right }) => ({ table, live: left, replayed: right })),
      missingColumns: common.missing,
      keys: await rowsOf(parts.pool, common, generations, differing, { asOf, position }),
      ...(keep ? { schema } : {}),
    };
  });
}

async function makeTables(
  pool: Pool,
  { model, generation }: { readonly model: AnyReadModel; readonly generation: string },
  schema: string,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    for (const statement of createTables(model, generation)) await client.query(statement);
    await client.query(
      `create table ${schema}.sources (id uuid not null, stream text not null, primary key (id, stream))`,
    );
  });
}

function keyOf(text: string): string {
  if (isUuid(text)) return text.toLowerCase();
  throw invalid('projection.key-malformed', `the key of a row is a UUID, ${String(text)} is none`);
}

interface At {
  readonly asOf: Instant | null;
  readonly position: bigint;
}

/** The live rows and movements of a moment, and those that were replayed, of which all are known. */
function sidesOf(
  live: Placed,
  scratch: Placed,
  { asOf, position, keys }: At & { readonly keys: readonly string[] | undefined },
): readonly Sides[] {
  const list = keys?.map((key) => `'${key}'`).join(', ');
  const ofKeys = (rows: string, columns: string): string =>
    `(select ${columns} from ${rows} as a${list === undefined ? '' : ` where a.id in (${list})`})`;
  const columns = ['id', ...Object.keys(live.model.columns).map(columnOf), 'valid_from'].join(', ');
  const sides = [
    {
      table: 'rows',
      left: ofKeys(rowsAt(live, { asOf, known: position }), columns),
      right: ofKeys(rowsAt(scratch, { asOf, known: null }), columns),
    },
  ];
  const { movements } = live.model;
  if (!movements) return sides;
  const moved = ['id', ...Object.keys(movements.columns).map(columnOf), 'effective_at'].join(', ');
  const right = ofKeys(movementsAt(scratch, { asOf, known: null }), moved);
  return [
    ...sides,
    { table: 'movements', left: ofKeys(movementsAt(live, { asOf, known: position }), moved), right },
  ];
}

async function rowsOf(
  pool: Pool,
  common: CommonColumns,
  { live, scratch }: { readonly live: string; readonly scratch: string },
  keys: Comparison['keys'],
  { asOf, position }: At,
): Promise<readonly ReplayDifference[]> {
  const read = async (rows: string): Promise<ReadonlyMap<string, object>> => {
    const found = await pool.query<{ id: string; row: object }>({
      text: `select r.id, to_jsonb(r) as row from ${rows} as r where r.id = any($1::uuid[])`,
      values: [keys.map(({ key }) => key)],
      types: readTypes,
    });
    return new Map(found.rows.map(({ id, row }) => [id, row]));
  };
  const columns = ['id', ...Object.keys(common.model.columns).map(columnOf), 'valid_from'].join(', ');
  const shownOf = (rows: string): string => `(select ${columns} from ${rows} as a)`;
  const lives = await read(shownOf(rowsAt(placedWith(common, live), { asOf, known: position })));
  const replays = await read(shownOf(rowsAt(placedWith(common, scratch), { asOf, known: null })));
  return keys.map(({ key, tables }) => ({
    ...{ key, tables },
    live: lives.get(key) ?? null,
    replayed: replays.get(key) ?? null,
  }));
}
