import type { Appended, WrongExpectedRevision } from '@guanxi/event-store';
import { unavailable } from '@guanxi/event-store';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import type { PendingAppend } from './pending-append';
import { GroupAppender } from './append-group';
import { isAboutRows, isLost, reasonOf } from './connection-loss';
import { storedOutcome } from './stored-append';

/** What became of one append of a group; an error where it failed for a reason of its own. */
export type WriteOutcome = Appended | WrongExpectedRevision | Error;

/** The connection went while a group was on its way: it may be written, or not, or still being written. */
class GroupLost extends Error {
  /** @param session process of the server that was writing; none where it was never reached */
  constructor(
    override readonly cause: unknown,
    readonly session: number | undefined,
  ) {
    super(reasonOf(cause));
  }
}

const PATIENCE_MILLISECONDS = 15_000;
const PAUSE_MILLISECONDS = { first: 20, most: 1_000 } as const;
const END_SESSION_MILLISECONDS = 5_000;

/**
 * Writes groups. Where the connection is lost, what was written is read and not guessed: the lost session is ended
 * first, so that nothing of it can still arrive, then the events are looked for by their ids, and what is not there is
 * written once more.
 */
export class GroupWriter {
  private readonly appender = new GroupAppender();

  /** @param patience milliseconds for which a server that is away is waited for */
  constructor(
    private readonly pool: Pool,
    private readonly patience = PATIENCE_MILLISECONDS,
  ) {}

  /** The outcome of each append, in the order given. @throws DomainError `event-store.unavailable` */
  async write(group: readonly PendingAppend[]): Promise<readonly WriteOutcome[]> {
    try {
      return await this.attempt(group);
    } catch (error) {
      if (error instanceof GroupLost) return this.recover(group, error);
      if (group.length > 1 && isAboutRows(error)) return this.oneByOne(group);
      throw error;
    }
  }

  /** The outcome of an append that is stored already, waiting for a server that is away. @throws as `write` */
  async find(append: PendingAppend): Promise<WriteOutcome | undefined> {
    const nothingLost = new GroupLost(undefined, undefined);
    const found = await this.lookUp([append], nothingLost, performance.now() + this.patience);
    return found.get(append);
  }

  private async attempt(group: readonly PendingAppend[]): Promise<readonly WriteOutcome[]> {
    let client: PoolClient;
    try {
      client = await this.pool.connect();
    } catch (error) {
      throw isLost(error) ? new GroupLost(error, undefined) : error;
    }
    let failure: unknown;
    try {
      return await this.appender.append(client, group);
    } catch (error) {
      failure = error;
      throw isLost(error) ? new GroupLost(error, sessionOf(client)) : error;
    } finally {
      client.release(failure !== undefined && isLost(failure));
    }
  }

  /** One append that the database refuses for what stands in it must not fail those beside it. */
  private async oneByOne(group: readonly PendingAppend[]): Promise<readonly WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    for (const append of group) {
      const [outcome] = await this.write([append]).catch((error: unknown) => [errorOf(error)]);
      if (outcome) outcomes.push(outcome);
    }
    return outcomes;
  }

  private async recover(group: readonly PendingAppend[], lost: GroupLost): Promise<readonly WriteOutcome[]> {
    const deadline = performance.now() + this.patience;
    const found = await this.lookUp(group, lost, deadline);
    const missing = group.filter((append) => !found.has(append));
    const again = missing.length === 0 ? [] : await this.onceMore(missing, deadline);
    again.forEach((outcome, index) => {
      const append = missing[index];
      if (append) found.set(append, outcome);
    });
    return group.map((append) => found.get(append) ?? unavailable(lost.message));
  }

  /** The second and last try; what it fails for concerns those alone who are still missing. */
  private async onceMore(
    missing: readonly PendingAppend[],
    deadline: number,
  ): Promise<readonly WriteOutcome[]> {
    try {
      return await this.attempt(missing);
    } catch (error) {
      if (error instanceof GroupLost) return this.found(missing, error, deadline);
      if (missing.length > 1 && isAboutRows(error)) return this.oneByOne(missing);
      return missing.map(() => errorOf(error));
    }
  }

  private async found(
    appends: readonly PendingAppend[],
    lost: GroupLost,
    deadline: number,
  ): Promise<readonly WriteOutcome[]> {
    try {
      const stored = await this.lookUp(appends, lost, deadline);
      return appends.map((append) => stored.get(append) ?? unavailable(lost.message));
    } catch (error) {
      return appends.map(() => errorOf(error));
    }
  }

  /** Which appends of a group are stored, once nothing of the lost session can still arrive. */
  private async lookUp(
    group: readonly PendingAppend[],
    lost: GroupLost,
    deadline: number,
  ): Promise<Map<PendingAppend, WriteOutcome>> {
    let wait: number = PAUSE_MILLISECONDS.first;
    for (;;) {
      try {
        return await this.stored(group, lost);
      } catch (error) {
        if (!(isLost(error) || error instanceof GroupLost)) throw error;
        if (performance.now() + wait > deadline) throw unavailable(reasonOf(error));
        await pause(wait);
        wait = Math.min(wait * 2, PAUSE_MILLISECONDS.most);
      }
    }
  }

  private async stored(
    group: readonly PendingAppend[],
    { session }: GroupLost,
  ): Promise<Map<PendingAppend, WriteOutcome>> {
    const client = await this.pool.connect();
    let broken = true;
    try {
      if (session !== undefined) await endSession(client, session);
      const found = new Map<PendingAppend, WriteOutcome>();
      for (const append of group) {
        const outcome = await storedOutcome(client, append);
        if (outcome) found.set(append, outcome);
      }
      broken = false;
      return found;
    } finally {
      client.release(broken);
    }
  }
}

const errorOf = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Ends a session of the server. @throws GroupLost while it is still there: then nothing can be said yet */
async function endSession(client: PoolClient, session: number): Promise<void> {
  const { rows } = await client.query<{ ended: boolean }>(
    `select pg_terminate_backend(pid, $2) as ended from pg_stat_activity
      where pid = $1 and datname = current_database() and usename = current_user`,
    [session, END_SESSION_MILLISECONDS],
  );
  if (rows.some(({ ended }) => !ended)) throw new GroupLost(new Error('the lost session goes on'), session);
}

/** The server's process behind a connection; the driver has it, its types do not tell. */
function sessionOf(client: PoolClient): number | undefined {
  const session: unknown = 'processID' in client ? client.processID : undefined;
  return typeof session === 'number' ? session : undefined;
}
