import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Generations of read models, each with tables of its own, of which one serves; their shards, each with a checkpoint and
 * with the worker that holds it; and the workers.
 */
export class ProjectionGenerations1764200000001 implements MigrationInterface {
  readonly name = 'ProjectionGenerations1764200000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ops.generations (
        generation  text primary key,
        model       text not null,
        version     integer not null,
        columns     jsonb,
        fingerprint text,
        status      text not null default 'following' check (status in ('building', 'following')),
        created_at  timestamptz not null default now()
      );
      create table ops.serving (
        model       text primary key,
        generation  text not null references ops.generations,
        previous    text references ops.generations on delete set null,
        switched_at timestamptz not null default now()
      );
      insert into ops.generations (generation, model, version)
        select model, regexp_replace(model, '_v\\d+$', ''), substring(model from '_v(\\d+)$')::integer
          from ops.checkpoints;
      insert into ops.serving (model, generation)
        select distinct on (model) model, generation from ops.generations order by model, version desc;

      alter table ops.checkpoints rename column model to generation;
      alter table ops.checkpoints
        drop constraint checkpoints_pkey,
        add column shard integer not null default 0,
        add column shards integer not null default 1,
        add column holder uuid,
        add column token bigint not null default 0,
        add primary key (generation, shard),
        add foreign key (generation) references ops.generations on delete cascade;
      alter table ops.parked_keys rename column model to generation;

      create table ops.workers (
        id         uuid primary key,
        beat       bigint not null default 0,
        started_at timestamptz not null default now()
      );
    `);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore a backup to go back'));
  }
}
