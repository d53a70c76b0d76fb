import type { PoolClient } from 'pg';
import type { Lease } from './leases';

/** A shard changed hands: what this worker was about to write must not be written. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor({ generation, shard }: Pick<Lease, 'generation' | 'shard'>) {
    super(`shard ${shard} of ${generation} was taken over by another worker`);
  }
}

/**
 * Moves the checkpoints of shards forward in the transaction of their rows, and only where nobody has taken them over.
 * @throws LeaseLost
 */
export async function moveCheckpoints(
  client: PoolClient,
  leases: readonly Lease[],
  to: bigint,
): Promise<void> {
  const { rows } = await client.query<{ generation: string; shard: number }>({
    name: 'move checkpoints',
    text: `update ops.checkpoints c set position = $5, updated_at = now()
             from unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[])
               as held (generation, shard, token, position)
            where c.generation = held.generation and c.shard = held.shard
              and c.token = held.token and c.position = held.position
            returning c.generation, c.shard`,
    values: [
      leases.map(({ generation }) => generation),
      leases.map(({ shard }) => shard),
      leases.map(({ token }) => String(token)),
      leases.map(({ position }) => String(position)),
      String(to),
    ],
  });
  if (rows.length === leases.length) return;
  const moved = new Set(rows.map(({ generation, shard }) => `${generation} ${shard}`));
  const lost = leases.find(({ generation, shard }) => !moved.has(`${generation} ${shard}`));
  if (lost) throw new LeaseLost(lost);
}
