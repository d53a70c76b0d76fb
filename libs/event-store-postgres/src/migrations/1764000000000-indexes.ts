import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseError } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { QueryFailedError } from 'typeorm';
import { forwardOnly } from './forward-only';
import type { OnlineIndex } from './1764000000000-indexes.sql';
import {
  analyse,
  anyEvent,
  appendsByIndex,
  buildsUnderWay,
  dropIndex,
  dropOldUnique,
  invalidIndex,
  onlineIndexes,
} from './1764000000000-indexes.sql';

const POLL_MILLISECONDS = 200;
const LOCK_MILLISECONDS = 1_000;
const LOCK_TRIES = 30;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Indexes for filtered readers, built while appends go on. It runs outside of a transaction and may be cut off
 * anywhere: what is whole is kept, what is not is built again.
 */
export class EventStoreIndexes1764000000000 implements MigrationInterface {
  readonly name = 'EventStoreIndexes1764000000000';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildsEnded(runner);
    for (const index of onlineIndexes) await build(runner, index);
    await dropOldConstraint(runner);
    for (const statement of appendsByIndex) await runner.query(statement);
    if (await finds(runner, anyEvent)) await runner.query(analyse);
  }

  down(): Promise<void> {
    return forwardOnly();
  }
}

async function buildsEnded(runner: QueryRunner): Promise<void> {
  while (await finds(runner, buildsUnderWay)) await pause(POLL_MILLISECONDS);
}

/** A build that was killed leaves an index that costs every append and serves no query. */
async function build(runner: QueryRunner, { name, create }: OnlineIndex): Promise<void> {
  if (await finds(runner, invalidIndex, [name])) await runner.query(dropIndex(name));
  await runner.query(create);
}

async function finds(runner: QueryRunner, sql: string, parameters?: unknown[]): Promise<boolean> {
  const rows: unknown = await runner.query(sql, parameters);
  return Array.isArray(rows) && rows.length > 0;
}

async function dropOldConstraint(runner: QueryRunner): Promise<void> {
  await runner.query(`set lock_timeout = ${LOCK_MILLISECONDS}`);
  try {
    for (let tries = 1; ; tries += 1) {
      try {
        await runner.query(dropOldUnique);
        return;
      } catch (error) {
        if (!isLocked(error)) throw error;
        if (tries === LOCK_TRIES) throw locked(error);
        // Appends that have queued up behind the wait go first.
        await pause(POLL_MILLISECONDS);
      }
    }
  } finally {
    await runner.query('reset lock_timeout');
  }
}

const isLocked = (error: unknown): boolean =>
  error instanceof QueryFailedError &&
  error.driverError instanceof DatabaseError &&
  error.driverError.code === LOCK_NOT_AVAILABLE;

const locked = (cause: unknown): Error =>
  new Error(
    'a long transaction reads es.events, so that its old index could not be dropped: end that transaction, then start again',
    { cause },
  );
