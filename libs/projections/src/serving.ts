import { DomainError } from '@guanxi/kernel';
import type { Pool, PoolClient } from 'pg';
import { missingColumn } from './generations';
import type { Placed } from './moment';
import type { AnyReadModel, Columns } from './read-model';

interface ServingRow {
  readonly model: string;
  readonly generation: string;
  readonly version: number;
  readonly columns: Columns<object> | null;
  readonly lowest: string;
  readonly highest: string;
  /** False when checkpoints were taken away by hand: nobody knows then how far the tables are. */
  readonly whole: boolean;
}

/** Which generation answers for each read model, and how far it has come. */
export class Serving {
  private readonly byModel: ReadonlyMap<string, ServingRow>;

  constructor(rows: readonly ServingRow[]) {
    this.byModel = new Map(rows.map((row) => [row.model, row]));
  }

  /** The generation that answers for a model. @throws DomainError `query.not-built`, kind `overloaded` */
  placed(model: AnyReadModel): Placed {
    const row = this.byModel.get(model.name);
    const lacks = row && row.version !== model.version ? missingColumn(row.columns, model) : undefined;
    if (row?.whole === false) {
      throw new DomainError(
        'query.not-built',
        'overloaded',
        `ops.checkpoints has lost rows of ${row.generation}, so that nobody knows how far it is: have it built anew with ` +
          `"guanxi projections rebuild ${model.name}"`,
        { model: model.name },
      );
    }
    if (row && lacks === undefined) return { model, generation: row.generation };
    throw new DomainError(
      'query.not-built',
      'overloaded',
      `read model ${model.name} has no tables of version ${model.version} yet` +
        (lacks === undefined ? '' : `, and those that answer have no column ${lacks}`),
      { model: model.name },
    );
  }

  /** The positions up to which the tables of some models are complete: of the last and of the first among them. */
  reached(models: readonly AnyReadModel[]): { readonly lowest: bigint; readonly highest: bigint } {
    let lowest: bigint | undefined;
    let highest = 0n;
    for (const { name } of models) {
      const row = this.byModel.get(name);
      const low = BigInt(row?.lowest ?? 0);
      const high = BigInt(row?.highest ?? 0);
      if (lowest === undefined || low < lowest) lowest = low;
      if (high > highest) highest = high;
    }
    return { lowest: lowest ?? 0n, highest };
  }
}

/** Reads what answers now; inside a snapshot it is what answers in that snapshot. */
export async function readServing(client: Pick<Pool, 'query'> | PoolClient): Promise<Serving> {
  const { rows } = await client.query<ServingRow>({
    name: 'serving generations',
    text: `select s.model, s.generation, g.version, g.columns,
                  min(c.position)::text as lowest, max(c.position)::text as highest,
                  count(*) = max(c.shards) as whole
             from ops.serving s
             join ops.generations g on g.generation = s.generation
             join ops.checkpoints c on c.generation = s.generation
            group by s.model, s.generation, g.version, g.columns`,
  });
  return new Serving(rows);
}
