import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What policies keep: from where on each acts, its timers, the commands that wait to be sent, and those that were
 * refused. A policy is a generation without tables: its checkpoints and leases are in the books of the read models.
 */
export class Policies1764500000001 implements MigrationInterface {
  readonly name = 'Policies1764500000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ops.policy_starts (
        generation text not null references ops.generations on delete cascade,
        shard      integer not null,
        position   bigint not null,
        started_at timestamptz,
        primary key (generation, shard)
      );
      create table ops.policy_streams (
        generation text not null references ops.generations on delete cascade,
        key        uuid not null,
        stream     text not null,
        primary key (generation, key, stream)
      );
      create sequence ops.timers_fired;
      create table ops.timers (
        generation     text not null references ops.generations on delete cascade,
        shard          integer not null,
        key            uuid not null,
        name           text not null,
        due_at         timestamptz not null,
        fires_at       timestamptz not null,
        cause_id       text not null,
        cause_stream   text not null,
        cause_position bigint not null,
        correlation_id text not null,
        tenant         text not null,
        fired_at       timestamptz,
        fired_number   bigint,
        late_by        bigint,
        primary key (generation, key, name)
      );
      create index timers_pending on ops.timers (generation, shard, fires_at, due_at) where fired_at is null;
      create table ops.outbox (
        number         bigint generated always as identity primary key,
        generation     text not null,
        shard          integer not null,
        key            uuid not null,
        command_key    uuid not null unique,
        command        text not null,
        target         text,
        data           json not null,
        actor          text not null,
        tenant         text not null,
        correlation_id text not null,
        causation_id   text not null,
        written_at     timestamptz not null default clock_timestamp(),
        attempts       integer not null default 0,
        error          text
      );
      create index outbox_shards on ops.outbox (generation, shard, number);
      create table ops.refused_commands (
        number         bigint primary key,
        policy         text not null,
        key            uuid not null,
        command_key    uuid not null,
        command        text not null,
        target         text,
        data           json not null,
        correlation_id text not null,
        causation_id   text not null,
        code           text not null,
        message        text not null,
        refused_at     timestamptz not null default clock_timestamp()
      );
    `);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore a backup to go back'));
  }
}
