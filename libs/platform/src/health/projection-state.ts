import type { EventStore } from '@guanxi/event-store';
import type { AnyReadModel } from '@guanxi/projections';
import type { Pool } from 'pg';

/** How far a read model has come. */
export interface ModelState {
  readonly model: string;
  readonly position: string;
  /** Events behind the head of the log. */
  readonly lag: string;
  /** Keys that are set aside. */
  readonly parked: number;
}

/** How far all read models have come. */
export interface ProjectionState {
  readonly head: string;
  readonly models: readonly ModelState[];
}

/** Reads head, checkpoints and parked keys. A model that nobody has begun stands at 0. */
export async function projectionState(
  pool: Pool,
  store: EventStore,
  models: readonly AnyReadModel[],
): Promise<ProjectionState> {
  const { rows } = await pool.query<{ model: string; position: string; parked: string }>(
    `select m.model, coalesce(min(c.position), 0)::text as position,
            (select count(*) from ops.parked_keys p where p.generation = s.generation)::text as parked
       from unnest($1::text[]) as m (model)
       left join ops.serving s on s.model = m.model
       left join ops.checkpoints c on c.generation = s.generation
      group by m.model, s.generation order by m.model`,
    [models.map(({ name }) => name)],
  );
  // Read last, so that no model can seem to be ahead of it.
  const { position: head } = await store.head();
  return {
    head: String(head),
    models: rows.map(({ model, position, parked }) => ({
      model,
      position,
      lag: String(head - BigInt(position)),
      parked: Number(parked),
    })),
  };
}
