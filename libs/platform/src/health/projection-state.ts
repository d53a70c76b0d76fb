import type { EventStore } from '@guanxi/event-store';
import type { ParkedCount } from '@guanxi/policies';
import { parkedCounts } from '@guanxi/policies';
import type { AnyReadModel } from '@guanxi/projections';
import type { Pool } from 'pg';

/** How far a read model has come. */
export interface ModelState {
  readonly model: string;
  /** The generation of its tables that answers; absent before they are made. */
  readonly generation?: string;
  readonly position: string;
  /** Events behind the head of the log; absent where positions do not count events. */
  readonly lag?: string;
  /** How far the head is away in the log's own positions; only where these do not count events. */
  readonly distance?: string;
  /** Age of the oldest event that is not folded yet; 0 when none is left. */
  readonly lagSeconds: number;
  /** Keys that are set aside. */
  readonly parked: number;
  /** Of how many shards it consists, and how many of them a worker holds. */
  readonly shards: number;
  readonly held: number;
}

/** A rebuild that is under way or has not ended well. */
export interface RebuildProgress {
  readonly generation: string;
  readonly model: string;
  readonly state: string;
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  /** Events a second. */
  readonly rate: number;
}

/** How far all read models have come. */
export interface ProjectionState {
  readonly head: string;
  readonly models: readonly ModelState[];
  /** How many keys policies have set aside; of each that has ever run. */
  readonly policies: readonly ParkedCount[];
  /** Who holds shards, and how many. */
  readonly workers: readonly { readonly worker: string; readonly shards: number }[];
  readonly rebuilds: readonly RebuildProgress[];
  /** What an operator should know, each with what to do. */
  readonly notices: readonly string[];
}

/** Where the state is read. */
export interface StateParts {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly models: readonly AnyReadModel[];
  /** True where positions of the store count its events without a gap. */
  readonly countsEvents: boolean;
  /** What an operator should know about the code of the models. */
  readonly notices: () => Promise<readonly string[]>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

interface ModelRow {
  readonly model: string;
  readonly generation: string | null;
  readonly position: string;
  readonly parked: number;
  readonly shards: number;
  readonly held: number;
}

/** Reads head, checkpoints, parked keys, holders and rebuilds. A model that nobody has begun stands at 0. */
export async function projectionState(parts: StateParts): Promise<ProjectionState> {
  const { pool, store, models } = parts;
  const [found, policies, workers, rebuilds, notices] = await Promise.all([
    pool.query<ModelRow>({
      name: 'projection state',
      text: MODELS,
      values: [models.map(({ name }) => name)],
    }),
    parkedCounts(pool),
    pool.query<{ worker: string; shards: number }>(WORKERS),
    pool.query<RebuildProgress>(REBUILDS),
    parts.notices(),
  ]);
  // Read last, so that no model can seem to be ahead of it.
  const { position: head } = await store.head();
  const ages = new Map<string, number>();
  for (const { position } of found.rows) {
    if (!ages.has(position)) ages.set(position, await secondsBehind(parts, BigInt(position), head));
  }
  return {
    head: String(head),
    models: found.rows.map(({ generation, position, ...row }) => ({
      ...{ ...row, position, lagSeconds: ages.get(position) ?? 0 },
      ...(generation === null ? {} : { generation }),
      ...{ [parts.countsEvents ? 'lag' : 'distance']: String(head - BigInt(position)) },
    })),
    ...{ policies, workers: workers.rows, rebuilds: rebuilds.rows, notices },
  };
}

/** Age of the first event behind a position. */
async function secondsBehind({ store, clock }: StateParts, after: bigint, head: bigint): Promise<number> {
  if (after >= head) return 0;
  for await (const [first] of store.readAll({ after, pageSize: 1 })) {
    if (first) return Math.max(0, (clock() - Date.parse(first.recordedAt)) / 1_000);
  }
  return 0;
}

const MODELS = `
  select m.model, s.generation, coalesce(c.position, 0)::text as position,
         coalesce(c.shards, 0) as shards, coalesce(c.held, 0) as held,
         (select count(*)::integer from ops.parked_keys p where p.generation = s.generation) as parked
    from unnest($1::text[]) as m (model)
    left join ops.serving s on s.model = m.model
    left join lateral (
      select min(position) as position, count(*)::integer as shards, count(holder)::integer as held
        from ops.checkpoints c where c.generation = s.generation
    ) c on true
   order by m.model`;

const WORKERS = `
  select holder as worker, count(*)::integer as shards
    from ops.checkpoints where holder is not null group by holder order by holder`;

const REBUILDS = `
  select generation, model, state, phase, done::float8 as done, total::float8 as total, rate
    from ops.rebuilds where state in ('running', 'paused', 'failed') order by model, generation`;
