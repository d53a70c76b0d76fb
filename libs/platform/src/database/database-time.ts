import { setTimeout as pause } from 'node:timers/promises';
import type { Instant } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import type { Pool } from 'pg';

const LOOK_AGAIN_MILLISECONDS = 5_000;
/** As appends have it: a clock that was set back stands still for them until it has caught up with the last event. */
const NOW = `select extract(epoch from greatest(clock_timestamp(), recorded_at))::float8 * 1000 as now from es.head`;
/** The first looks at a database that was just reached take long and say little. */
const FIRST_LOOKS = 3;

/**
 * The database's time, told without asking it each time: from this process's steady clock, and how far the database's
 * is from that. All processes have the same now, the one by which events are recorded; a wrong clock of a machine, also
 * one that is set while the process runs, is in no moment and in no answer.
 */
export class DatabaseTime {
  /** Milliseconds that the database's clock is ahead of the steady one. */
  private ahead = Number.NaN;
  private readonly stopping = new AbortController();
  private looking: Promise<void> | undefined;

  private constructor(
    private readonly pool: Pick<Pool, 'query'>,
    private readonly steady: () => number,
  ) {}

  /**
   * Reads the database's clock, and again every few seconds: clocks drift, and a database can move to another machine.
   * @param steady a clock in milliseconds that nobody sets
   * @throws when the database cannot be reached
   */
  static async open(
    pool: Pick<Pool, 'query'>,
    steady: () => number = () => performance.now(),
  ): Promise<DatabaseTime> {
    const time = new DatabaseTime(pool, steady);
    for (let look = 0; look < FIRST_LOOKS; look += 1) await time.look();
    time.looking = time.lookAgain();
    return time;
  }

  now(): Instant {
    return instantOf(this.date());
  }

  date(): Date {
    return new Date(this.milliseconds());
  }

  /** Milliseconds since the epoch. */
  milliseconds(): number {
    return Math.floor(this.steady() + this.ahead);
  }

  /** Asks the database. An answer that took long tells little: only what it rules out is corrected. */
  async look(): Promise<void> {
    const asked = this.steady();
    const { rows } = await this.pool.query<{ now: number }>(NOW);
    const answered = this.steady();
    const [row] = rows;
    if (!row) throw new Error('the database did not say what time it is');
    const [least, most] = [row.now - answered, row.now - asked];
    this.ahead = Number.isNaN(this.ahead) ? most : Math.min(Math.max(this.ahead, least), most);
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.looking;
  }

  private async lookAgain(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await pause(LOOK_AGAIN_MILLISECONDS, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      // While the database is away its time goes on by the steady clock.
      await this.look().catch(() => undefined);
    }
  }
}
