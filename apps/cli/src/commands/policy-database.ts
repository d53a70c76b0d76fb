import { hasPolicies } from '@guanxi/policies';
import type { Pool } from 'pg';
import type { Session } from '../session';
import { missing, unlessUnreachable, withPool } from './with-database';

/**
 * Lets `look` at the books of policies in the PostgreSQL of DATABASE_URL, else in the embedded one, which is started for
 * the time if no server runs.
 * @throws Failure `store.missing`, `store.unreachable`
 */
export const withPolicies = <T>(session: Session, look: (pool: Pool) => Promise<T>): Promise<T> =>
  withPool(session, 'guanxi-timers', async (pool) => {
    if (!(await unlessUnreachable(() => hasPolicies(pool)))) throw missing();
    return look(pool);
  });
