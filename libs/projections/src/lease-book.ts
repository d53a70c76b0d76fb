import type { Member, ShardName, ShardState } from './fair-share';
import type { BookEntry, BookRow } from './lease-faults';
import type { WorkerSign } from './worker-signs';
import { TELL_WORKERS, sessionName } from './worker-session';

/** Runs a statement; a worker's session, or a transaction on it. */
export interface Statements {
  rows<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** A worker as the list of workers shows it. */
export type ListedWorker = Member & WorkerSign;

/** What the list of leases says of a shard that a worker can keep, or holds. */
export type LeaseRow = BookRow & ShardState & { readonly token: string; readonly kept: boolean };

/** A generation that a worker can keep, with what is written of one of its shards. */
export type LeaseEntry = LeaseRow | (BookEntry & { readonly shard: null });

/** Enters a worker with what it can keep. */
export async function enter(session: Statements, worker: string, keeps: readonly string[]): Promise<void> {
  await session.rows('insert into ops.workers (id, keeps) values ($1, $2)', [worker, keeps]);
  await session.rows(TELL_WORKERS);
}

/** Shows that a worker lives. @returns false when it is not in the list any more */
export async function beat(session: Statements, worker: string): Promise<boolean> {
  const rows = await session.rows('update ops.workers set beat = beat + 1 where id = $1 returning id', [
    worker,
  ]);
  return rows.length > 0;
}

/** All workers in the list, and whether they have a session. */
export function workersIn(session: Statements): Promise<readonly ListedWorker[]> {
  return session.rows<ListedWorker>(
    `select w.id, w.number::integer as number, w.keeps, w.beat::text as beat,
            exists (select from pg_stat_activity a where a.application_name = $1 || w.id) as present
       from ops.workers w`,
    [sessionName('')],
  );
}

/** All shards that a worker can keep, and those that it holds though it cannot keep them any more. */
export function leasesFor(
  session: Statements,
  worker: string,
  keeps: readonly string[],
): Promise<readonly LeaseEntry[]> {
  return session.rows<LeaseEntry>(
    `select * from (
       select g.generation, g.model, c.shard, c.shards, c.token::text as token, c.position::text as position,
              c.moved_to::text as moved_to, c.holder, g.model || ' ' || g.version as follows,
              g.status = 'following' and g.model || ' ' || g.version = any ($2::text[]) as kept
         from ops.generations g left join ops.checkpoints c on c.generation = g.generation) as book
      where kept or holder = $1
      order by shard, generation`,
    [worker, keeps],
  );
}

/** Takes shards that nobody holds. @returns how many these were */
export async function take(
  session: Statements,
  worker: string,
  shards: readonly ShardName[],
): Promise<number> {
  if (shards.length === 0) return 0;
  const taken = await session.rows(
    `update ops.checkpoints c set holder = $1, token = token + 1
      where (c.generation, c.shard) in (
        select generation, shard from ops.checkpoints
         where (generation, shard) in (select * from unnest($2::text[], $3::integer[])) and holder is null
         order by generation, shard for update skip locked)
      returning c.shard`,
    [worker, ...columnsOf(shards)],
  );
  return taken.length;
}

/** Gives shards back; who is below its share hears of it. */
export async function giveBack(
  session: Statements,
  worker: string,
  shards: readonly ShardName[],
): Promise<void> {
  if (shards.length === 0) return;
  await session.rows(
    `update ops.checkpoints set holder = null, token = token + 1
      where holder = $1 and (generation, shard) in (select * from unnest($2::text[], $3::integer[]))`,
    [worker, ...columnsOf(shards)],
  );
  await session.rows(TELL_WORKERS);
}

/** Frees all shards of a worker and takes it out of the list. */
export async function strike(session: Statements, worker: string): Promise<void> {
  await session.rows('update ops.checkpoints set holder = null, token = token + 1 where holder = $1', [
    worker,
  ]);
  await session.rows('delete from ops.workers where id = $1', [worker]);
  await session.rows(TELL_WORKERS);
}

/**
 * True when a worker still stands in the list as it was seen, and nobody else is about to strike it; it is held there
 * until the transaction ends, so that no beat comes in between.
 */
export async function holdStill(session: Statements, worker: string, seenBeat: string): Promise<boolean> {
  const rows = await session.rows(
    'select from ops.workers where id = $1 and beat = $2 for update skip locked',
    [worker, seenBeat],
  );
  return rows.length > 0;
}

/** True when no worker of that name is in the list. */
export async function isUnlisted(session: Statements, worker: string): Promise<boolean> {
  return (await session.rows('select from ops.workers where id = $1', [worker])).length === 0;
}

/** Ends the sessions of a worker, with what they have under way. @throws DatabaseError 42501 without the right to */
export async function endSessions(session: Statements, worker: string): Promise<void> {
  await session.rows(
    'select pg_terminate_backend(pid, 500) from pg_stat_activity where application_name = $1',
    [sessionName(worker)],
  );
}

const columnsOf = (shards: readonly ShardName[]): [string[], number[]] => [
  shards.map(({ generation }) => generation),
  shards.map(({ shard }) => shard),
];
