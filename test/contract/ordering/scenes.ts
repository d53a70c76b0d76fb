import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { someEvent } from '../event-store/kit';
import type { Candidate, OrderedStore } from './candidate';
import { openStore } from './candidate';
import type { Attempt } from './observations';
import { attempt } from './writers';

const STALL_LOCK = 7_241_404;
const HELD_STREAMS = 'held';
const RIVAL = 'oracle-rival';
const SCENES = 4;
const LIMIT_MILLISECONDS = 30_000;

/**
 * Plays what chance plays too seldom: a transaction that has written its first event is held up while a rival comes
 * to the stream to which it writes next, and goes on once the rival is through or waits for it. It is held up by a
 * trigger on the store's table, the same for right and wrong stores; nothing here waits for time to pass.
 */
export class Scenes {
  private readonly control: Client;
  private readonly held: OrderedStore;
  private readonly rival: OrderedStore;

  constructor(
    private readonly candidate: Candidate,
    url: string,
  ) {
    this.control = new Client({ connectionString: url });
    this.held = openStore(candidate, url, 'oracle-held', 2);
    this.rival = openStore(candidate, url, RIVAL, 2);
  }

  async prepare(): Promise<void> {
    await this.control.connect();
    await this.control.query(`
      create function hold_up() returns trigger language plpgsql as $$
      begin
        perform pg_advisory_xact_lock_shared(${STALL_LOCK});
        return null;
      end $$;
      create trigger hold_up after insert on ${this.candidate.table}
        for each row when (new.stream like '${HELD_STREAMS}-%') execute function hold_up()`);
  }

  /** @param lap has all readers of this process read once more whatever there is to read */
  async play(lap: () => Promise<void>): Promise<readonly Attempt[]> {
    const attempts: Attempt[] = [];
    for (let n = 0; n < SCENES; n += 1) attempts.push(...(await this.playOne(n, lap)));
    return attempts;
  }

  async close(): Promise<void> {
    await this.control.end();
    await this.held.close();
    await this.rival.close();
  }

  private async playOne(n: number, lap: () => Promise<void>): Promise<readonly Attempt[]> {
    // The two want a stream that both find empty, or take it as it is.
    const expected = n % 2 === 0 ? 'new' : 'any';
    const wanted = { stream: `rivalled-${n}`, expected } as const;
    await this.control.query('select pg_advisory_lock($1)', [STALL_LOCK]);
    const held = attempt(this.held, 'held', [
      { stream: `${HELD_STREAMS}-${n}`, expected: 'new', events: [someEvent(n)] },
      { ...wanted, events: [someEvent(n)] },
    ]);
    await this.until(held, () => this.isHeldUp());
    const rival = attempt(this.rival, 'rival', [{ ...wanted, events: [someEvent(n)] }]);
    const through = rival.then(() => true);
    await this.until(
      held,
      async () => (await this.isRivalWaiting()) || Promise.race([through, delay(5, false)]),
    );
    await lap();
    await this.control.query('select pg_advisory_unlock($1)', [STALL_LOCK]);
    return Promise.all([held, rival]);
  }

  private isHeldUp(): Promise<boolean> {
    return this.ask(
      `select from pg_locks where locktype = 'advisory' and objid = ${STALL_LOCK} and not granted
          and database = (select oid from pg_database where datname = current_database())`,
    );
  }

  private isRivalWaiting(): Promise<boolean> {
    return this.ask(
      `select from pg_stat_activity where datname = current_database() and application_name = '${RIVAL}'
          and cardinality(pg_blocking_pids(pid)) > 0`,
    );
  }

  private async ask(question: string): Promise<boolean> {
    const { rowCount } = await this.control.query(question);
    return (rowCount ?? 0) > 0;
  }

  /** Asks until the answer is yes. @throws Error if the append that is to be held up ends before */
  private async until(held: Promise<unknown>, answer: () => Promise<boolean>): Promise<void> {
    const began = performance.now();
    const ended = held.then(() => 'ended');
    while (!(await answer())) {
      if ((await Promise.race([ended, delay(2)])) === 'ended') throw new Error('nothing held up the append');
      if (performance.now() - began > LIMIT_MILLISECONDS) throw new Error('the scene does not go on');
    }
  }
}
