import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rebuilds of read models, what is asked of each from outside, and which parts of it are done. */
export class ProjectionRebuilds1764300000001 implements MigrationInterface {
  readonly name = 'ProjectionRebuilds1764300000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ops.rebuilds (
        generation  text primary key,
        model       text not null,
        version     integer not null,
        fingerprint text not null,
        up_to       bigint not null,
        parts       integer not null,
        state       text not null default 'running'
                    check (state in ('running', 'paused', 'failed', 'cancelled', 'done')),
        asked       text check (asked in ('pause', 'cancel')),
        phase       text not null default 'reading'
                    check (phase in ('reading', 'folding', 'indexing', 'following')),
        done        bigint not null default 0,
        total       bigint not null default 0,
        rate        double precision not null default 0,
        error       text,
        started_at  timestamptz not null default now(),
        updated_at  timestamptz not null default now()
      );
      create table ops.rebuild_parts (
        generation text not null references ops.rebuilds on delete cascade,
        part       integer not null,
        events     bigint not null,
        primary key (generation, part)
      );
    `);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore a backup to go back'));
  }
}
