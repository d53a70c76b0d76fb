import type { Pool } from 'pg';
import type { AnyReadModel } from '../read-model';
import { INDEXING, completing, runUnless } from './rebuild-tables';

/** Sessions that make indexes: what one table waits for, such as its statistics, must not hold up the others. */
const SESSIONS = 2;

/** Who watches while tables are made whole. */
export interface Completion {
  readonly signal: AbortSignal;
  /** Called with the number of statements to come. */
  readonly onBegin: (statements: number) => void;
  readonly onStatement: () => void;
}

/** Makes keys and indexes of all tables of a generation, two tables at a time. */
export async function completeTables(
  pool: Pool,
  model: AnyReadModel,
  generation: string,
  { signal, onBegin, onStatement }: Completion,
): Promise<void> {
  const waiting = [...(await tablesOf(pool, model, generation))];
  onBegin(waiting.flat().length);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const ended = await Promise.allSettled(
    Array.from({ length: SESSIONS }, () =>
      work(pool, waiting, either, onStatement).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      }),
    ),
  );
  signal.throwIfAborted();
  stop.signal.throwIfAborted();
  for (const run of ended) if (run.status === 'rejected') throw run.reason;
}

async function tablesOf(
  pool: Pool,
  model: AnyReadModel,
  generation: string,
): Promise<readonly (readonly string[])[]> {
  const client = await pool.connect();
  try {
    return await completing(client, model, generation);
  } finally {
    client.release();
  }
}

async function work(
  pool: Pool,
  waiting: (readonly string[])[],
  signal: AbortSignal,
  onStatement: () => void,
): Promise<void> {
  const client = await pool.connect();
  try {
    for (const statement of INDEXING) await client.query(statement);
    for (let table = waiting.shift(); table !== undefined; table = waiting.shift()) {
      for (const statement of table) {
        await runUnless(pool, client, statement, signal);
        onStatement();
      }
    }
  } finally {
    // Its settings go with it.
    client.release(true);
  }
}
