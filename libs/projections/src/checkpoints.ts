import type { PoolClient } from 'pg';
import { remedyOf } from './lease-faults';
import type { Lease } from './leases';

/** A shard changed hands: what this worker was about to write must not be written. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor({ generation, shard }: Pick<Lease, 'generation' | 'shard'>, what: string) {
    super(`shard ${shard} of ${generation} ${what}`);
  }
}

/** A row has taken in events that its checkpoint knows nothing of: folding on would count them twice. */
export class RowsAhead extends Error {
  override readonly name = 'RowsAhead';

  constructor(model: string, key: string, position: bigint) {
    super(
      `the row of ${key} was made at position ${position}, which its checkpoint has not reached: ops.checkpoints was ` +
        `set back by hand, or only a part of the database was restored. Nothing is folded until ${remedyOf(model)}`,
    );
  }
}

/**
 * Moves the checkpoints of shards forward in the transaction of their rows, and only where nobody has taken them over:
 * they must be this worker's, under the token and at the position that it knows. They are locked until the transaction
 * ends, in one order, so that of two who want to write only one can.
 * @throws LeaseLost
 */
export async function moveCheckpoints(
  client: PoolClient,
  leases: readonly Lease[],
  to: bigint,
): Promise<void> {
  const { rows } = await client.query<{ generation: string; shard: number }>({
    name: 'move checkpoints',
    text: `with own as (
             select c.generation, c.shard
               from ops.checkpoints c
               join unnest($1::text[], $2::integer[], $3::uuid[], $4::bigint[], $5::bigint[])
                      as held (generation, shard, holder, token, position)
                 on c.generation = held.generation and c.shard = held.shard and c.holder = held.holder
                and c.token = held.token and c.position = held.position
              order by c.generation, c.shard for update of c)
           update ops.checkpoints c set position = $6, moved_to = $6, updated_at = now()
             from own where c.generation = own.generation and c.shard = own.shard
           returning c.generation, c.shard`,
    values: [
      leases.map(({ generation }) => generation),
      leases.map(({ shard }) => shard),
      leases.map(({ holder }) => holder),
      leases.map(({ token }) => String(token)),
      leases.map(({ position }) => String(position)),
      String(to),
    ],
  });
  if (rows.length === leases.length) return;
  const moved = new Set(rows.map(({ generation, shard }) => `${generation} ${shard}`));
  const lost = leases.find(({ generation, shard }) => !moved.has(`${generation} ${shard}`));
  if (lost) throw new LeaseLost(lost, await whatHappened(client, lost));
}

/** What became of a shard that a worker had thought to be its own. */
async function whatHappened(client: PoolClient, lease: Lease): Promise<string> {
  const { rows } = await client.query<{ holder: string | null; token: string; position: string }>(
    'select holder, token::text, position::text from ops.checkpoints where generation = $1 and shard = $2',
    [lease.generation, lease.shard],
  );
  const [now] = rows;
  if (!now) return 'has no checkpoint any more';
  if (now.holder === lease.holder && BigInt(now.token) === lease.token)
    return (
      `was moved from position ${lease.position} to ${now.position}: ` +
      'by a crash of the database, which undid its last batches, or by hand'
    );
  return 'was taken over by another worker';
}
