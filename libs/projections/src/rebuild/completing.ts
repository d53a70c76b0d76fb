import type { Pool } from 'pg';
import type { AnyReadModel } from '../read-model';
import type { BareTable } from './rebuild-tables';
import { INDEXING, completing, runUnless } from './rebuild-tables';

/** Sessions that make indexes, also of one table: the largest one has half of them. */
const SESSIONS = 2;

/** A statement, and what there is to do when it is done. */
interface Job {
  readonly statement: string;
  readonly next: () => Job | undefined;
}

/** Who watches while tables are made whole. */
export interface Completion {
  readonly signal: AbortSignal;
  /** Called with the number of statements to come. */
  readonly onBegin: (statements: number) => void;
  readonly onStatement: () => void;
}

/** Makes keys and indexes of all tables of a generation, two at a time, and gathers statistics of each that has all. */
export async function completeTables(
  pool: Pool,
  model: AnyReadModel,
  generation: string,
  { signal, onBegin, onStatement }: Completion,
): Promise<void> {
  const tables = await tablesOf(pool, model, generation);
  const waiting = tables.flatMap(jobsOf);
  onBegin(tables.reduce((sum, { indexes }) => sum + indexes.length + 1, 0));
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

/** The indexes of a table; the last one to be made is followed by its statistics. */
function jobsOf({ indexes, statistics }: BareTable): readonly Job[] {
  let left = indexes.length;
  const last: Job = { statement: statistics, next: () => undefined };
  if (left === 0) return [last];
  const next = (): Job | undefined => {
    left -= 1;
    return left === 0 ? last : undefined;
  };
  return indexes.map((statement) => ({ statement, next }));
}

async function tablesOf(pool: Pool, model: AnyReadModel, generation: string): Promise<readonly BareTable[]> {
  const client = await pool.connect();
  try {
    return await completing(client, model, generation);
  } finally {
    client.release();
  }
}

async function work(pool: Pool, waiting: Job[], signal: AbortSignal, onStatement: () => void): Promise<void> {
  const client = await pool.connect();
  try {
    for (const statement of INDEXING) await client.query(statement);
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      await runUnless(pool, client, job.statement, signal);
      onStatement();
      const next = job.next();
      if (next) waiting.unshift(next);
    }
  } finally {
    // Its settings go with it.
    client.release(true);
  }
}
