import { StoreInspection } from '@guanxi/event-store-postgres';
import { Failure } from '../failures';
import type { Session } from '../session';
import { missing, unlessUnreachable, withPool } from './with-database';

/**
 * Lets `look` at the store itself, not through the server: in the PostgreSQL of DATABASE_URL, else in the embedded one,
 * which is started for the time if no server runs.
 * @throws Failure `store.elsewhere`, `store.missing`, `store.unreachable`
 */
export async function withStore<T>(
  session: Session,
  look: (inspection: StoreInspection) => Promise<T>,
): Promise<T> {
  if ((session.env['KURRENTDB_URL'] ?? '') !== '') {
    throw new Failure(
      'store.elsewhere',
      'the store is in KurrentDB (KURRENTDB_URL): its own tools look into it; unset the variable to look into PostgreSQL',
    );
  }
  return withPool(session, 'guanxi-store', async (pool) => {
    const inspection = new StoreInspection(pool);
    if (!(await unlessUnreachable(() => inspection.exists()))) throw missing();
    return look(inspection);
  });
}
