import type { Pool, PoolClient } from 'pg';

/** Where a partition is to be read on, and who may. */
export interface Mark {
  /** The next offset to read. */
  readonly next: bigint;
  /** Counts those who have claimed the partition: only the last of them may write. */
  readonly epoch: bigint;
}

interface MarkRow {
  readonly next_offset: string;
  readonly epoch: string;
}

const NAME = /^[a-z_][a-z0-9_]*([.][a-z_][a-z0-9_]*)?$/;
/** Only has to be the same for all who make such a table at the same time. */
const MAKING = 7_140_229_371;

/**
 * How far a consumer has read each partition, in its own database: moved in the transaction that writes what it made of
 * the events, so that both happen or neither.
 */
export class OffsetTable {
  /** @throws TypeError for a name that needs quotes */
  constructor(
    private readonly name: string,
    private readonly group: string,
  ) {
    if (!NAME.test(name)) throw new TypeError(`offsetTable must be a plain lower-case name, not ${name}`);
  }

  /** Makes the table where it is missing. */
  async make(pool: Pool): Promise<void> {
    const { rows } = await pool.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
      this.name,
    ]);
    if (rows[0]?.there) return;
    await pool.query(`
      begin;
      select pg_advisory_xact_lock(${MAKING});
      create table if not exists ${this.name} (
        consumer_group text not null,
        topic text not null,
        partition integer not null,
        next_offset bigint not null,
        epoch bigint not null default 0,
        updated_at timestamptz not null default clock_timestamp(),
        primary key (consumer_group, topic, partition)
      );
      commit;
    `);
  }

  /** Where to read on; a partition that was never read begins at `first`. */
  async begin(pool: Pool, topic: string, partition: number, first: bigint): Promise<Mark> {
    const key = [this.group, topic, partition];
    await pool.query(
      `insert into ${this.name} (consumer_group, topic, partition, next_offset)
       values ($1, $2, $3, $4)
       on conflict (consumer_group, topic, partition) do nothing`,
      [...key, String(first)],
    );
    const { rows } = await pool.query<MarkRow>(
      `select next_offset, epoch from ${this.name} where consumer_group = $1 and topic = $2 and partition = $3`,
      key,
    );
    return markOf(rows[0]) ?? { next: first, epoch: 0n };
  }

  /**
   * Shuts out whoever has claimed the partition before. Waits for a transaction of theirs, but not for ever.
   * @returns undefined where the row was deleted
   */
  async claim(
    client: PoolClient,
    topic: string,
    partition: number,
    patience: number,
  ): Promise<Mark | undefined> {
    await client.query('begin');
    await client.query(`set local lock_timeout = ${Math.ceil(patience)}`);
    const { rows } = await client.query<MarkRow>(
      `update ${this.name} set epoch = epoch + 1, updated_at = clock_timestamp()
       where consumer_group = $1 and topic = $2 and partition = $3
       returning next_offset, epoch`,
      [this.group, topic, partition],
    );
    await client.query('commit');
    return markOf(rows[0]);
  }

  /** Locks the row until the end of the client's transaction, whose id it returns too. */
  async lock(
    client: PoolClient,
    topic: string,
    partition: number,
  ): Promise<(Mark & { readonly transaction: string }) | undefined> {
    const { rows } = await client.query<MarkRow & { readonly transaction: string }>(
      `select next_offset, epoch, pg_current_xact_id()::text as transaction from ${this.name}
       where consumer_group = $1 and topic = $2 and partition = $3 for update`,
      [this.group, topic, partition],
    );
    const mark = markOf(rows[0]);
    return mark && rows[0] && { ...mark, transaction: rows[0].transaction };
  }

  /**
   * Moves on, in the transaction that locked the row.
   * @returns false where that transaction is over
   */
  async advance(
    client: PoolClient,
    topic: string,
    partition: number,
    next: bigint,
    transaction: string,
  ): Promise<boolean> {
    const { rowCount } = await client.query(
      `update ${this.name} set next_offset = $4, updated_at = clock_timestamp()
       where consumer_group = $1 and topic = $2 and partition = $3 and pg_current_xact_id()::text = $5`,
      [this.group, topic, partition, String(next), transaction],
    );
    return rowCount === 1;
  }
}

const markOf = (row: MarkRow | undefined): Mark | undefined =>
  row && { next: BigInt(row.next_offset), epoch: BigInt(row.epoch) };
