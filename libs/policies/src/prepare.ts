import type { EventStore } from '@guanxi/event-store';
import type { Followed } from '@guanxi/projections';
import { POLICY_PREFIX, SHARDS, addGeneration, inTransaction, lockGenerations } from '@guanxi/projections';
import type { Pool, PoolClient } from 'pg';
import type { Clock } from './clock';
import type { AnyPolicy } from './policy';
import { Starts } from './starts';

/** What of the outside a policy's first start is decided on. */
export interface Start {
  readonly store: Pick<EventStore, 'head'>;
  readonly clock: Clock;
}

/** A policy as the books of leases and checkpoints know it. */
export const followedOf = ({ name, version }: AnyPolicy): Followed => ({
  name: `${POLICY_PREFIX}${name}`,
  version,
});

/** Name of a policy's generation of a version. */
export const generationOf = ({ name, version }: AnyPolicy): string => `policy_${name}_v${version}`;

/** Who a policy's commands come from. */
export const actorOf = ({ name }: Pick<AnyPolicy, 'name'>): string => `${POLICY_PREFIX}${name}`;

interface Known {
  readonly generation: string;
  readonly version: number;
}

/**
 * Makes what is missing for each policy: checkpoints, and from where on it acts. A newer version takes over from an
 * older one in one transaction: it acts from where that had come, what that fired counts as fired, and what that had
 * not yet sent goes on waiting.
 * @returns what an operator should know, in words
 */
export async function preparePolicies(
  pool: Pool,
  policies: readonly AnyPolicy[],
  start: Start,
): Promise<readonly string[]> {
  return inTransaction(pool, async (client) => {
    await lockGenerations(client);
    const notices: string[] = [];
    for (const policy of policies) notices.push(...(await prepare(client, policy, start)));
    return notices;
  });
}

async function prepare(client: PoolClient, policy: AnyPolicy, start: Start): Promise<readonly string[]> {
  const followed = followedOf(policy);
  const { rows: known } = await client.query<Known>(
    'select generation, version from ops.generations where model = $1 order by version desc',
    [followed.name],
  );
  const [latest] = known;
  if (latest && latest.version > policy.version) {
    return [
      `policy ${policy.name} runs in version ${latest.version} elsewhere: this process, which has version ` +
        `${policy.version}, leaves it alone`,
    ];
  }
  if (latest?.version === policy.version) return [];
  const generation = generationOf(policy);
  await addGeneration(client, followed, generation, 'following');
  if (!latest) {
    await begin(client, policy, generation, start);
    return [];
  }
  await takeOver(client, latest.generation, generation);
  return [`policy ${policy.name}: version ${policy.version} has taken over from version ${latest.version}`];
}

async function begin(
  client: PoolClient,
  { from }: AnyPolicy,
  generation: string,
  { store, clock }: Start,
): Promise<void> {
  const startedAt = from === 'now' ? await clock.now() : null;
  const { position } = from === 'now' ? await store.head() : { position: 0n };
  await client.query(
    `insert into ops.policy_starts (generation, shard, position, started_at)
     select $1, shard, $2, $3 from generate_series(0, $4::integer - 1) as shard`,
    [generation, String(position), startedAt, SHARDS],
  );
}

async function takeOver(client: PoolClient, older: string, generation: string): Promise<void> {
  // Who holds a shard moves its checkpoint first of all: from here on it can commit nothing more.
  await client.query('select from ops.checkpoints where generation = $1 order by shard for update', [older]);
  await client.query(
    `insert into ops.policy_starts (generation, shard, position, started_at, answered)
     select $1, c.shard, s.position, s.started_at, greatest(s.answered, c.position)
       from ops.checkpoints c join ops.policy_starts s using (generation, shard) where c.generation = $2`,
    [generation, older],
  );
  await takeOverOwed(client, older, generation);
  await client.query(
    `insert into ops.timers
     select (jsonb_populate_record(t, jsonb_build_object('generation', $1::text))).*
       from ops.timers t where generation = $2 and fired_at is not null`,
    [generation, older],
  );
  await client.query('update ops.outbox set generation = $1 where generation = $2', [generation, older]);
  await client.query('delete from ops.generations where generation = $1', [older]);
}

/** What the older version had set aside is answered by the newer one, which comes to it as it reads the log anew. */
async function takeOverOwed(client: PoolClient, older: string, generation: string): Promise<void> {
  const { rows: shards } = await client.query<{ shard: number; position: string }>(
    'select shard, position::text from ops.checkpoints where generation = $1',
    [older],
  );
  // A key that a timer halted has been answered.
  const { rows: parked } = await client.query<{ key: string; position: string }>(
    `select id as key, position::text from ops.parked_keys where generation = $1 and event_type is not null`,
    [older],
  );
  const starts = await Starts.read(client, older, shards.length);
  const owed = starts.owedAt(
    new Map(shards.map(({ shard, position }) => [shard, BigInt(position)])),
    new Map(parked.map(({ key, position }) => [key, BigInt(position)])),
  );
  await client.query(
    'insert into ops.policy_owed (generation, key, position) select $1, * from unnest($2::uuid[], $3::bigint[])',
    [generation, [...owed.keys()], [...owed.values()].map(String)],
  );
}
