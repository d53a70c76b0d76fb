import { shardOf } from '@guanxi/projections';
import type { Instant } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import type { PoolClient } from 'pg';

/** From where on a shard of a policy acts. */
export interface ActsFrom {
  readonly position: bigint;
  /** Null: always. */
  readonly startedAt: Instant | null;
}

const ALWAYS: ActsFrom = { position: 0n, startedAt: null };

interface Start extends ActsFrom {
  /** Up to where older versions have answered events. */
  readonly answered: bigint;
}

/** From where on a generation of a policy acts and answers. */
export class Starts {
  private constructor(
    private readonly shards: number,
    private readonly starts: ReadonlyMap<number, Start>,
    private readonly owed: ReadonlyMap<string, bigint>,
  ) {}

  /** Of a policy that was never begun. */
  static none(shards: number): Starts {
    return new Starts(shards, new Map(), new Map());
  }

  static async read(client: PoolClient, generation: string, shards: number): Promise<Starts> {
    const { rows } = await client.query<StartRow>(
      `select shard, position::text, started_at as "startedAt", answered::text
         from ops.policy_starts where generation = $1`,
      [generation],
    );
    const { rows: owed } = await client.query<OwedRow>(
      'select key, position::text from ops.policy_owed where generation = $1',
      [generation],
    );
    return new Starts(
      shards,
      new Map(
        rows.map(({ shard, position, startedAt, answered }) => [
          shard,
          {
            ...{ position: BigInt(position), answered: BigInt(answered) },
            startedAt: startedAt && instantOf(startedAt),
          },
        ]),
      ),
      new Map(owed.map(({ key, position }) => [key, BigInt(position)])),
    );
  }

  /** For timers. */
  of(shard: number): ActsFrom {
    return this.starts.get(shard) ?? ALWAYS;
  }

  /** Events after this position are answered with commands. */
  answersAfter(key: string): bigint {
    const owed = this.owed.get(key);
    if (owed !== undefined) return owed - 1n;
    const start = this.starts.get(shardOf(key, this.shards));
    if (!start) return 0n;
    return start.answered > start.position ? start.answered : start.position;
  }

  /**
   * The keys whose events an older version had not answered when it came to its end, each with the first of them: those
   * that are parked, and those that it owed itself and had not come to.
   * @param reached how far its shards have come
   */
  owedAt(
    reached: ReadonlyMap<number, bigint>,
    parked: ReadonlyMap<string, bigint>,
  ): ReadonlyMap<string, bigint> {
    const owed = new Map<string, bigint>();
    for (const [key, position] of this.owed) {
      const shard = shardOf(key, this.shards);
      const next = (reached.get(shard) ?? 0n) + 1n;
      if (next <= (this.starts.get(shard)?.answered ?? 0n)) owed.set(key, later(position, next));
    }
    for (const [key, position] of parked) owed.set(key, later(position, this.answersAfter(key) + 1n));
    return owed;
  }
}

const later = (one: bigint, other: bigint): bigint => (one > other ? one : other);

interface StartRow {
  readonly shard: number;
  readonly position: string;
  readonly startedAt: Date | null;
  readonly answered: string;
}

interface OwedRow {
  readonly key: string;
  readonly position: string;
}
