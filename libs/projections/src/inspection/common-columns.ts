import type { PoolClient } from 'pg';
import type { Placed } from '../moment';
import type { AnyReadModel } from '../read-model';
import { columnOf, tablesOf } from '../read-model';

/** Two generations of a read model, with the columns that they have in common. */
export interface CommonColumns {
  /** The model with the columns that both generations have. */
  readonly model: AnyReadModel;
  /** Columns of the code that a generation has not, such as `deals_v1: lost_reason`. */
  readonly missing: readonly string[];
}

/**
 * Which columns of a model some generations have in common: they may be of other versions than the code.
 * Columns that the code does not know any more are left out.
 */
export async function commonColumns(
  client: PoolClient,
  model: AnyReadModel,
  generations: readonly string[],
): Promise<CommonColumns> {
  const missing: string[] = [];
  const keep = async (
    columns: AnyReadModel['columns'],
    table: 'current' | 'movements',
  ): Promise<AnyReadModel['columns']> => {
    let kept = Object.entries(columns);
    for (const generation of generations) {
      const there = await typesOf(client, tablesOf(generation)[table]);
      for (const [field] of kept.filter(([name, type]) => there.get(columnOf(name)) !== type)) {
        missing.push(`${generation}: ${columnOf(field)}`);
      }
      kept = kept.filter(([name, type]) => there.get(columnOf(name)) === type);
    }
    return Object.fromEntries(kept);
  };
  const columns = await keep(model.columns, 'current');
  const { movements, beganAt, ...rest } = model;
  const common = { ...rest, columns, ...(beganAt !== undefined && beganAt in columns ? { beganAt } : {}) };
  if (!movements) return { model: common, missing };
  const moved = { ...movements, columns: await keep(movements.columns, 'movements') };
  return { model: { ...common, movements: moved }, missing };
}

async function typesOf(client: PoolClient, table: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, atttypmod) as type
       from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
    [table],
  );
  return new Map(rows.map(({ name, type }) => [name, type === LONG_INSTANT ? 'timestamptz' : type]));
}

const LONG_INSTANT = 'timestamp with time zone';

/** A generation with the columns that it has in common with another. */
export const placedWith = ({ model }: CommonColumns, generation: string): Placed => ({ model, generation });
