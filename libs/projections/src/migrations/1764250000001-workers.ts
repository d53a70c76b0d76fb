import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Workers say what they can keep, so that shards are shared among those that can; their numbers tell in which order.
 * A checkpoint holds twice where it stands, so that one that was changed by hand is noticed before anything is folded.
 */
export class ProjectionWorkers1764250000001 implements MigrationInterface {
  readonly name = 'ProjectionWorkers1764250000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table ops.workers
        add column number bigint generated always as identity,
        add column keeps text[] not null default '{}';
      alter table ops.checkpoints add column moved_to bigint;
    `);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore a backup to go back'));
  }
}
