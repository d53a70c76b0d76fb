import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { inTransaction, lockGenerations } from '../generations';
import { openRebuild } from './rebuild-begin';
import { askOf, noteState } from './rebuild-books';
import { alreadyRunning, nothingToEnd } from './rebuild-errors';
import { lockRebuild } from './rebuild-lock';
import { dropGeneration } from './rebuild-tables';
import { removeSpill } from './spill';

const LOOK_MILLISECONDS = 200;
const PATIENCE_MILLISECONDS = 30_000;

/** Where the books and the spill of rebuilds are. */
export interface RebuildPlace {
  readonly pool: Pool;
  readonly spillDirectory: string;
}

/**
 * Lets a rebuild rest; what is done is kept.
 * @returns the generation that it builds
 * @throws DomainError `rebuild.none`; `rebuild.running` when it does not hear in time
 */
export async function pauseRebuild(place: RebuildPlace, model: string): Promise<string> {
  return endRebuild(place, model, 'pause');
}

/**
 * Ends a rebuild and drops what it has built.
 * @returns the generation that it built
 * @throws DomainError `rebuild.none`; `rebuild.running` when it does not hear in time
 */
export async function cancelRebuild(place: RebuildPlace, model: string): Promise<string> {
  return endRebuild(place, model, 'cancel');
}

async function endRebuild(place: RebuildPlace, model: string, how: 'pause' | 'cancel'): Promise<string> {
  const open = await openRebuild(place.pool, model);
  if (!open) throw nothingToEnd(model);
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  let lock = await lockRebuild(place.pool, model);
  if (!lock) await askOf(place.pool, open.generation, how);
  while (!lock) {
    if (performance.now() > deadline) throw alreadyRunning(model);
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
export async function cancelOpen({ pool, spillDirectory }: RebuildPlace, model: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await lockGenerations(client);
    const open = await openRebuild(client, model);
    if (!open) return;
    await dropGeneration(client, open.generation);
    await noteState(client, open.generation, 'cancelled');
    removeSpill(join(spillDirectory, open.generation));
  });
}
