import type { Instant } from '@guanxi/kernel';
import { instantOf, plusMilliseconds } from '@guanxi/kernel';
import type { Pool } from 'pg';

/** What time it is for timers. A clock that is set back delays them; none fires twice for it. */
export interface Clock {
  now(): Promise<Instant>;
}

/** The database's clock: one for all workers, whatever the clocks of their machines say. */
export class DatabaseClock implements Clock {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  async now(): Promise<Instant> {
    const { rows } = await this.pool.query<{ now: Date }>('select clock_timestamp() as now');
    const [row] = rows;
    if (!row) throw new Error('the database did not say what time it is');
    return instantOf(row.now);
  }
}

/** A clock that is moved by hand: for tests, and for simulations that live through years in seconds. */
export class VirtualClock implements Clock {
  constructor(private current: Instant) {}

  now(): Promise<Instant> {
    return Promise.resolve(this.current);
  }

  /** Sets it, forward or back. */
  set(instant: Instant): void {
    this.current = instant;
  }

  advance(milliseconds: number): void {
    this.current = plusMilliseconds(this.current, milliseconds);
  }
}
