import { contexts } from '@guanxi/contexts';
import type { EventStore } from '@guanxi/event-store';
import { EventRegistry } from '@guanxi/event-store';
import { DomainError } from '@guanxi/kernel';
import { StartError, createPool, openExistingPostgres, openStore } from '@guanxi/platform';
import type { AnyReadModel } from '@guanxi/projections';
import type { Pool } from 'pg';
import { dataDirOf } from '../client/settings';
import { Failure } from '../failures';
import { messageOf } from '../import/types';
import type { Session } from '../session';

/** What a command works with that looks into the database itself, not through the server. */
export interface OpenedDatabase {
  readonly pool: Pool;
  /** In the same PostgreSQL, or in KurrentDB where KURRENTDB_URL names one. */
  readonly store: EventStore;
  readonly registry: EventRegistry;
  /** Every read model of the product. */
  readonly models: readonly AnyReadModel[];
}

/**
 * Lets `work` use the PostgreSQL of DATABASE_URL, else the embedded one, which is started for the time if no server runs.
 * What the libraries refuse comes out as a Failure with its code and words.
 * @throws Failure `store.missing`, `store.unreachable`, and what `work` throws
 */
export async function withDatabase<T>(
  session: Session,
  work: (opened: OpenedDatabase) => Promise<T>,
): Promise<T> {
  return withPool(session, 'guanxi-projections', async (pool) => {
    if (!(await isPrepared(pool))) throw missing();
    const store = await opened(() => openStore(pool, session.env['KURRENTDB_URL'] || undefined));
    try {
      return await work({
        pool,
        store,
        registry: new EventRegistry(contexts.flatMap(({ events }) => events)),
        models: contexts.flatMap(({ readModels }) => readModels),
      });
    } catch (error) {
      throw error instanceof DomainError ? new Failure(error.code, error.message) : error;
    } finally {
      await store.close();
    }
  });
}

const CONNECTIONS = 6;

/**
 * Lets `work` use connections to the database, whatever is in it.
 * @param name how the connections are called in the database's own lists
 * @throws Failure `store.missing`, `store.unreachable`
 */
export async function withPool<T>(
  { env, screen }: Session,
  name: string,
  work: (pool: Pool) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(env, (line) => screen.write(`${line}\n`));
  const pool = createPool({ url: database.url, name, max: CONNECTIONS });
  try {
    return await work(pool);
  } finally {
    await pool.end();
    await database.close();
  }
}

/** What `work` returns; what it throws becomes words about a database that cannot be reached. */
export async function unlessUnreachable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Failure('store.unreachable', messageOf(error) || 'the database of the store cannot be reached');
  }
}

/** There is a place for a store, but none is in it. */
export const missing = (): Failure =>
  new Failure(
    'store.missing',
    'there is no event store here: npm start or guanxi migrate makes it; GUANXI_DATA_DIR or DATABASE_URL name another',
  );

interface Database {
  readonly url: string;
  close(): Promise<void>;
}

async function openDatabase(env: NodeJS.ProcessEnv, log: (line: string) => void): Promise<Database> {
  const url = env['DATABASE_URL'] ?? '';
  if (url !== '') return { url, close: () => Promise.resolve() };
  const embedded = await unlessUnreachable(() => openExistingPostgres(dataDirOf(env), log));
  if (!embedded) throw missing();
  return embedded;
}

/** True when the books of the read models are in the database. */
async function isPrepared(pool: Pool): Promise<boolean> {
  const { rows } = await unlessUnreachable(() =>
    pool.query<{ there: boolean }>(`select to_regclass('ops.generations') is not null as there`),
  );
  return rows[0]?.there === true;
}

async function opened<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw error instanceof StartError ? new Failure('store.unfit', error.message) : error;
  }
}
