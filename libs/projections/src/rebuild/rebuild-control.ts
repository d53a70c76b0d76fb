import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { inTransaction, lockGenerations } from '../generations';
import { openRebuild } from './rebuild-begin';
import type { AnyReadModel } from '../read-model';
import type { RebuildEntry } from './rebuild-books';
import { askOf, noteState, parkedIn, rebuildEntries } from './rebuild-books';
import { deaf, modelOf, nothingToEnd } from './rebuild-errors';
import { isBeingRebuilt, lockRebuild } from './rebuild-lock';
import { dropGeneration } from './rebuild-tables';
import { removeSpill } from './spill';

const LOOK_MILLISECONDS = 200;
const PATIENCE_MILLISECONDS = 30_000;

/** Where the books and the spill of rebuilds are. */
export interface RebuildPlace {
  readonly pool: Pool;
  readonly models: readonly Pick<AnyReadModel, 'name'>[];
  readonly spillDirectory: string;
}

/** A rebuild as its book tells, and whether a process carries it out. */
export interface RebuildStatus extends RebuildEntry {
  readonly isRunning: boolean;
  readonly parked: number;
}

/** The latest rebuild of a read model; undefined where there was none. @throws DomainError `projection.unknown` */
export async function rebuildStatus(
  pool: Pool,
  models: readonly Pick<AnyReadModel, 'name'>[],
  name: string,
): Promise<RebuildStatus | undefined> {
  const model = modelOf(models, name);
  const [latest] = await rebuildEntries(pool, model.name);
  if (!latest) return undefined;
  const isRunning = latest.state === 'running' && (await isBeingRebuilt(pool, name));
  return { ...latest, isRunning, parked: await parkedIn(pool, latest.generation) };
}

/**
 * Lets a rebuild rest; what is done is kept.
 * @returns the generation that it builds
 * @throws DomainError `projection.unknown`, `rebuild.none`; `rebuild.deaf` when it does not hear in time
 */
export async function pauseRebuild(place: RebuildPlace, model: string): Promise<string> {
  return endRebuild(place, model, 'pause');
}

/**
 * Ends a rebuild and drops what it has built.
 * @returns the generation that it built
 * @throws DomainError `projection.unknown`, `rebuild.none`; `rebuild.deaf` when it does not hear in time
 */
export async function cancelRebuild(place: RebuildPlace, model: string): Promise<string> {
  return endRebuild(place, model, 'cancel');
}

async function endRebuild(place: RebuildPlace, model: string, how: 'pause' | 'cancel'): Promise<string> {
  const { name } = modelOf(place.models, model);
  const open = await openRebuild(place.pool, name);
  if (!open) throw nothingToEnd(model);
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  let lock = await lockRebuild(place.pool, model);
  if (!lock) await askOf(place.pool, open.generation, how);
  while (!lock) {
    if (performance.now() > deadline) throw deaf(model);
    await pause(LOOK_MILLISECONDS);
    lock = await lockRebuild(place.pool, model);
  }
  try {
    if (how === 'cancel') await cancelOpen(place, model);
    else if ((await openRebuild(place.pool, model))?.generation === open.generation)
      await noteState(place.pool, open.generation, 'paused');
  } finally {
    await lock.release();
  }
  return open.generation;
}

/** Drops what a rebuild has built; the caller has the right to rebuild. */
export async function cancelOpen(
  { pool, spillDirectory }: Pick<RebuildPlace, 'pool' | 'spillDirectory'>,
  model: string,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await lockGenerations(client);
    const open = await openRebuild(client, model);
    if (!open) return;
    await dropGeneration(client, open.generation);
    await noteState(client, open.generation, 'cancelled');
    removeSpill(join(spillDirectory, open.generation));
  });
}
