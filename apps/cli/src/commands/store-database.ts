import { createPool, openExistingPostgres } from '@guanxi/platform';
import { StoreInspection } from '@guanxi/event-store-postgres';
import { dataDirOf } from '../client/settings';
import { Failure } from '../failures';
import { messageOf } from '../import/types';
import type { Session } from '../session';

/**
 * Lets `look` at the store itself, not through the server: in the PostgreSQL of DATABASE_URL, else in the embedded one,
 * which is started for the time if no server runs.
 * @throws Failure `store.elsewhere`, `store.missing`, `store.unreachable`
 */
export async function withStore<T>(
  { env, screen }: Session,
  look: (inspection: StoreInspection) => Promise<T>,
): Promise<T> {
  if ((env['KURRENTDB_URL'] ?? '') !== '') {
    throw new Failure(
      'store.elsewhere',
      'the store is in KurrentDB (KURRENTDB_URL): its own tools look into it; unset the variable to look into PostgreSQL',
    );
  }
  const database = await openDatabase(env, (line) => screen.write(`${line}\n`));
  const pool = createPool({ url: database.url, name: 'guanxi-store', max: 2 });
  try {
    const inspection = new StoreInspection(pool);
    if (!(await reached(inspection))) throw missing();
    return await look(inspection);
  } finally {
    await pool.end();
    await database.close();
  }
}

interface Database {
  readonly url: string;
  close(): Promise<void>;
}

async function openDatabase(env: NodeJS.ProcessEnv, log: (line: string) => void): Promise<Database> {
  const url = env['DATABASE_URL'] ?? '';
  if (url !== '') return { url, close: () => Promise.resolve() };
  const embedded = await unreachable(() => openExistingPostgres(dataDirOf(env), log));
  if (!embedded) throw missing();
  return embedded;
}

const reached = (inspection: StoreInspection): Promise<boolean> => unreachable(() => inspection.exists());

async function unreachable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Failure('store.unreachable', messageOf(error) || 'the database of the store cannot be reached');
  }
}

const missing = (): Failure =>
  new Failure(
    'store.missing',
    'there is no event store here: npm start or guanxi migrate makes it; GUANXI_DATA_DIR or DATABASE_URL name another',
  );
