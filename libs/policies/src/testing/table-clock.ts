import type { Instant } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import type { Pool } from 'pg';
import type { Clock } from '../clock';

/** A clock for all processes of a test: a row of the database that the test changes. */
export class TableClock implements Clock {
  constructor(private readonly pool: Pool) {}

  async now(): Promise<Instant> {
    const { rows } = await this.pool.query<{ now: Date }>('select now from test_clock');
    return instantOf(rows[0]?.now ?? new Date(0));
  }

  async set(instant: string): Promise<void> {
    await this.pool.query('update test_clock set now = $1', [instant]);
  }
}
