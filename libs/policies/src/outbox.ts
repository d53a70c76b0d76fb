import { shardOf } from '@guanxi/projections';
import type { Pool, PoolClient } from 'pg';
import type { PlannedCommand } from './plan';

/** A command that waits to be sent. */
export interface OutboxCommand {
  readonly number: string;
  /** What it is of: a generation of a policy, and the key that it follows from. */
  readonly generation: string;
  readonly key: string;
  /** The idempotency key, however often it is sent. */
  readonly commandKey: string;
  readonly command: string;
  readonly target: string | null;
  readonly data: object;
  readonly actor: string;
  readonly tenant: string;
  readonly correlationId: string;
  readonly causationId: string;
  /** How often it was tried in vain. */
  readonly attempts: number;
}

/** Why a command will not be sent again. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** A command that follows from a key. */
export interface Written {
  readonly key: string;
  readonly command: PlannedCommand;
}

/** Whose commands are written, and in how many shards its keys lie. */
export interface Writer {
  readonly generation: string;
  readonly actor: string;
  readonly shards: number;
}

/** Writes commands that are to be sent, in the order given. One that waits already is not written again. */
export async function writeCommands(
  client: PoolClient,
  { generation, actor, shards }: Writer,
  commands: readonly Written[],
): Promise<void> {
  if (commands.length === 0) return;
  await client.query(
    `insert into ops.outbox (generation, actor, shard, key, command_key, command, target, data,
                             tenant, correlation_id, causation_id)
     select $1, $2, shard, key, command_key, command, target, data, tenant, correlation_id, causation_id
       from unnest($3::integer[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::json[],
                   $9::text[], $10::text[], $11::text[]) with ordinality
            as c (shard, key, command_key, command, target, data, tenant, correlation_id, causation_id, place)
      order by place
     on conflict (command_key) do nothing`,
    [
      generation,
      actor,
      commands.map(({ key }) => shardOf(key, shards)),
      commands.map(({ key }) => key),
      commands.map(({ command }) => command.commandKey),
      commands.map(({ command }) => command.command),
      commands.map(({ command }) => command.id ?? null),
      commands.map(({ command }) => JSON.stringify(command.data)),
      commands.map(({ command }) => command.cause.tenant),
      commands.map(({ command }) => command.cause.correlationId),
      commands.map(({ command }) => command.cause.id),
    ],
  );
}

/** The commands of all policies that wait to be sent. */
export class Outbox {
  constructor(private readonly pool: Pool) {}

  /** The next ones of some shards, in the order in which they were written, but none of the keys in `without`. */
  async next(
    shards: readonly { readonly generation: string; readonly shard: number }[],
    without: readonly string[],
    limit: number,
  ): Promise<readonly OutboxCommand[]> {
    const { rows } = await this.pool.query<OutboxCommand>(
      `select number::text, generation, key, command_key as "commandKey", command, target, data, actor, tenant,
              correlation_id as "correlationId", causation_id as "causationId", attempts
         from ops.outbox
        where (generation, shard) in (select * from unnest($1::text[], $2::integer[])) and key <> all($3::uuid[])
        order by number limit $4`,
      [shards.map(({ generation }) => generation), shards.map(({ shard }) => shard), without, limit],
    );
    return rows;
  }

  /** Takes out what was answered. */
  async answered(commands: readonly OutboxCommand[]): Promise<void> {
    if (commands.length === 0) return;
    await this.pool.query('delete from ops.outbox where number = any($1::bigint[])', [
      commands.map(({ number }) => number),
    ]);
  }

  /** Takes out what was refused and keeps it, with the rule, for people to see. */
  async refused({ number }: OutboxCommand, policy: string, { code, message }: Refusal): Promise<void> {
    await this.pool.query(
      `with gone as (delete from ops.outbox where number = $1 returning *)
       insert into ops.refused_commands
         (number, policy, key, command_key, command, target, data, correlation_id, causation_id, code, message)
       select number, $2, key, command_key, command, target, data, correlation_id, causation_id, $3, $4 from gone
       on conflict (number) do nothing`,
      [number, policy, code, message],
    );
  }

  /** Notes that a command was tried in vain. */
  async failed({ number }: OutboxCommand, message: string): Promise<void> {
    await this.pool.query('update ops.outbox set attempts = attempts + 1, error = $2 where number = $1', [
      number,
      message,
    ]);
  }
}
