import { setTimeout as pause } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';

/** What takes longer is taken for lost: a worker that cannot show that it lives has to begin anew. */
const ANSWER_MILLISECONDS = 5_000;
/** Channel on which workers tell each other that there is something to look at. */
const CHANNEL = 'guanxi_workers';
/** So long a worker rests at least, however much the others tell it. */
const LEAST_REST_MILLISECONDS = 100;

/** Statement that has every worker look at once; sent in a transaction, they hear it when that is committed. */
export const TELL_WORKERS = `notify ${CHANNEL}`;

/** How a worker's sessions are called in the database's own lists. */
export const sessionName = (worker: string): string => `guanxi worker ${worker}`;

const ignore = (): void => undefined;

/** The connection by which a worker shows that it lives: while it is there, the worker's process is. */
export class WorkerSession {
  private heard = false;
  private wake: () => void = ignore;
  private readonly onNotification = (): void => {
    this.heard = true;
    this.wake();
  };

  private constructor(private readonly client: PoolClient) {
    client.on('error', ignore).on('notification', this.onNotification);
  }

  /** @throws when the database cannot be reached; nothing is left open then */
  static async open(pool: Pool, worker: string): Promise<WorkerSession> {
    const session = new WorkerSession(await pool.connect());
    try {
      await session.rows(`select set_config('application_name', $1, false)`, [sessionName(worker)]);
      await session.rows(`listen ${CHANNEL}`);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** Runs a statement. @throws also when it takes so long that others would give this worker up */
  async rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const query = { text, values: [...values], query_timeout: ANSWER_MILLISECONDS };
    return (await this.client.query<Row>(query)).rows;
  }

  /** Does `work` in a transaction that waits for nobody for long; nothing of it stays where it returns false or fails. */
  async transaction(work: () => Promise<boolean>): Promise<boolean> {
    await this.rows(`begin; set local lock_timeout = '1s'`);
    try {
      const isDone = await work();
      await this.rows(isDone ? 'commit' : 'rollback');
      return isDone;
    } catch (error) {
      await this.rows('rollback').catch(ignore);
      throw error;
    }
  }

  /** Waits until it is time for the next beat, other workers tell something, or the signal comes. */
  async rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    const least = Math.min(LEAST_REST_MILLISECONDS, milliseconds);
    await pause(least, undefined, { signal }).catch(ignore);
    if (!this.heard && !signal.aborted) await this.sleep(milliseconds - least, signal);
    this.heard = false;
  }

  /** Ends the connection. */
  close(): void {
    this.client.off('notification', this.onNotification);
    // Released as broken, it is closed and its place in the pool is free again, whatever state it is in. What it may
    // still say of its end interests nobody, but has to be heard.
    this.client.release(true);
  }

  private async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wake = ignore;
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener('abort', done);
      this.wake = done;
    });
  }
}
