import { WorkerSigns } from '@guanxi/projections';
import type { Pool, PoolClient } from 'pg';
import { DatabaseError } from 'pg';

/** Key of the advisory lock whose holder relays. */
const RELAY_LOCK = 7_241_601;
/** An answer that takes longer is not waited for: the network may have swallowed it, and the session with it. */
export const ANSWER_MILLISECONDS = 5_000;

const HOLDER = `
  from pg_locks
 where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
   and classid = 0 and objid = $1 and objsubid = 1 and granted`;
const TOLD = `coalesce((select updated_at::text from ops.relay where name = 'relay'), '')`;

/** How long others wait for a sign of the holder, and how often they look. */
export interface RightTimes {
  readonly lookMilliseconds: number;
  readonly patienceMilliseconds: number;
}

/**
 * The right to relay: a lock of a database session. It outlives a holder that stands still, be it halted, cut off from
 * the network or without power, as long as the database believes in that session. The holder tells how it stands every
 * second; where it does not, others end its session. No clock decides but the steady one of who waits, and a wrong guess
 * does no harm: whoever opens the publisher next bars the one before.
 */
export class RelayRight {
  private readonly signs: WorkerSigns;
  private hasComplained = false;

  constructor(
    private readonly client: PoolClient,
    { lookMilliseconds, patienceMilliseconds }: RightTimes,
    private readonly log: { readonly warn: (line: string) => void },
  ) {
    this.signs = new WorkerSigns(patienceMilliseconds, 2 * lookMilliseconds);
  }

  /** Takes the right where it is free, or was held by one that stands still. @returns the session that has it then */
  async take(): Promise<number | undefined> {
    const taken = await this.lock();
    if (taken !== undefined || !(await this.freeFromHalted())) return taken;
    return this.lock();
  }

  /** Gives it back. */
  async giveBack(): Promise<void> {
    await this.rows('select pg_advisory_unlock_all()', []);
  }

  private async lock(): Promise<number | undefined> {
    const [row] = await this.rows<{ locked: boolean; pid: number }>(
      'select pg_try_advisory_lock($1) as locked, pg_backend_pid() as pid',
      [RELAY_LOCK],
    );
    return row?.locked ? row.pid : undefined;
  }

  private async freeFromHalted(): Promise<boolean> {
    const holders = await this.rows<{ pid: number; told: string }>(`select pid, ${TOLD} as told ${HOLDER}`, [
      RELAY_LOCK,
    ]);
    const seen = holders.map(({ pid, told }) => ({ id: String(pid), beat: told, present: true }));
    const [halted] = this.signs.look(seen, performance.now());
    if (!halted) return false;
    try {
      const ended = await this.rows(
        `select pg_terminate_backend(pid, 500) ${HOLDER} and pid = $2 and ${TOLD} = $3`,
        [RELAY_LOCK, halted.id, halted.beat],
      );
      if (ended.length > 0)
        this.log.warn('the relay of another worker stands still: its session is ended, this worker goes on');
      return ended.length > 0;
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== '42501') throw error;
      if (!this.hasComplained)
        this.log.warn(
          'the relay of another worker stands still, and this one may not end its session, which is of another role: ' +
            'let all workers run as one role, or grant them pg_signal_backend. Until then end that worker by hand',
        );
      this.hasComplained = true;
      return false;
    }
  }

  private async rows<Row extends object>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const query = { text, values: [...values], query_timeout: ANSWER_MILLISECONDS };
    return (await this.client.query<Row>(query)).rows;
  }
}

/**
 * Makes sure that a session still has the right to relay. Who was halted must not bar the one that went on meanwhile.
 * @throws where it has not
 */
export async function assertRight(pool: Pool, session: number): Promise<void> {
  const { rows } = await pool.query(`select ${HOLDER} and pid = $2`, [RELAY_LOCK, session]);
  if (rows.length === 0) throw new Error('the right to publish was lost: another worker may go on');
}
