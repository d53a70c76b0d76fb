import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built } from '../append/candidates.mjs';

/**
 * Makes the tables of the read models that have rows in a generated log as a rebuild does, before any worker follows it.
 * @param {string} url migrated database with a filled log
 */
export async function rebuildTables(url) {
  const { rebuild } = built('projections');
  const { PostgresEventStore, CopiedEvents } = built('event-store-postgres');
  const { EventRegistry } = built('event-store');
  const { deals, dealsContext } = built('deals');
  const { customers, customersContext } = built('customers');
  const pool = built('platform').createPool({ url, name: 'bench' });
  const store = new PostgresEventStore(pool);
  const registry = new EventRegistry([...dealsContext.events, ...customersContext.events]);
  const models = [deals, customers];
  const spillDirectory = mkdtempSync(join(tmpdir(), 'guanxi-bench-spill-'));
  try {
    const parts = { pool, store, registry, models, raw: new CopiedEvents(pool), spillDirectory };
    for (const { name } of models) {
      const { state, parked } = await rebuild(parts, name);
      if (state !== 'done' || parked > 0) throw new Error(`${name}: ${state}, ${parked} keys parked`);
    }
  } finally {
    rmSync(spillDirectory, { recursive: true, force: true });
    await store.close();
    await pool.end();
  }
}
