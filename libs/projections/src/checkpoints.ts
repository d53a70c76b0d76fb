import type { PoolClient } from 'pg';

/** Another runner moved a checkpoint that this one held: its rows must not be written. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';

  constructor(model: string) {
    super(`the checkpoint of ${model} was moved by another runner; this one stops`);
  }
}

/** Positions up to which the models' tables are complete; a model seen for the first time starts at 0. */
export async function readCheckpoints(
  client: PoolClient,
  models: readonly string[],
): Promise<Map<string, bigint>> {
  await client.query(
    'insert into ops.checkpoints (model, position) select unnest($1::text[]), 0 on conflict do nothing',
    [models],
  );
  const { rows } = await client.query<{ model: string; position: string }>(
    'select model, position::text from ops.checkpoints where model = any($1::text[])',
    [models],
  );
  return new Map(rows.map(({ model, position }) => [model, BigInt(position)]));
}

/**
 * Moves checkpoints forward in the transaction of the rows, and only if they stand where this runner left them.
 * @throws CheckpointMoved
 */
export async function moveCheckpoints(
  client: PoolClient,
  from: ReadonlyMap<string, bigint>,
  to: bigint,
): Promise<void> {
  const { rows } = await client.query<{ model: string }>(
    `update ops.checkpoints c set position = $3, updated_at = now()
       from unnest($1::text[], $2::bigint[]) as held (model, position)
      where c.model = held.model and c.position = held.position
      returning c.model`,
    [[...from.keys()], [...from.values()].map(String), String(to)],
  );
  if (rows.length === from.size) return;
  const moved = new Set(rows.map(({ model }) => model));
  throw new CheckpointMoved([...from.keys()].find((model) => !moved.has(model)) ?? 'a model');
}
