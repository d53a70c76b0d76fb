import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Checkpoints of the read models and the keys that are parked. */
export class ProjectionsSchema1763800000001 implements MigrationInterface {
  readonly name = 'ProjectionsSchema1763800000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create schema if not exists rm;
      create schema if not exists ops;
      create table ops.checkpoints (
        model      text primary key,
        position   bigint not null,
        updated_at timestamptz not null default now()
      );
      create table ops.parked_keys (
        model     text not null,
        id        uuid not null,
        stream    text not null,
        position  bigint not null,
        waiting   bigint not null default 0,
        error     text not null,
        parked_at timestamptz not null default now(),
        primary key (model, id)
      );
    `);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore a backup to go back'));
  }
}
