import type { Pool, PoolClient } from 'pg';

/** First key of the advisory locks of rebuilds; the second is the read model's name. */
const REBUILD_LOCK = 7_241_003;

/** The right to rebuild a read model, which ends with the process that has it. */
export interface RebuildLock {
  /** Aborted when the connection that holds it is lost. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Takes the right to rebuild a read model; undefined where another process has it. */
export async function lockRebuild(pool: Pool, model: string): Promise<RebuildLock | undefined> {
  const client = await pool.connect();
  const lost = new AbortController();
  const onError = (error: Error): void => {
    lost.abort(error);
  };
  client.on('error', onError);
  const release = async (unlock: (client: PoolClient) => Promise<unknown>): Promise<void> => {
    const broken = await unlock(client).then(
      () => false,
      () => true,
    );
    client.off('error', onError);
    client.release(broken);
  };
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock($1, hashtext($2)) as locked',
      [REBUILD_LOCK, model],
    );
    if (rows[0]?.locked === true) {
      const unlock = (own: PoolClient): Promise<unknown> =>
        own.query('select pg_advisory_unlock($1, hashtext($2))', [REBUILD_LOCK, model]);
      return { lost: lost.signal, release: () => release(unlock) };
    }
  } catch (error) {
    await release(() => Promise.reject(new Error('the connection is of no more use')));
    throw error;
  }
  await release(() => Promise.resolve());
  return undefined;
}

/** True while some process rebuilds a read model. */
export async function isBeingRebuilt(pool: Pool, model: string): Promise<boolean> {
  const { rows } = await pool.query<{ held: boolean }>(
    `select exists (
       select from pg_locks
        where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
          and classid::bigint = $1 and objid::bigint = hashtext($2)::bigint & 4294967295 and granted) as held`,
    [REBUILD_LOCK, model],
  );
  return rows[0]?.held === true;
}
