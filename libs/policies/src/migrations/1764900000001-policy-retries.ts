import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which parked keys of policies somebody wants tried again; a key that is healed takes its wish with it. */
export class PolicyRetries1764900000001 implements MigrationInterface {
  readonly name = 'PolicyRetries1764900000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ops.policy_retries (
        generation text not null,
        key        uuid not null,
        wanted_at  timestamptz not null default clock_timestamp(),
        primary key (generation, key),
        foreign key (generation, key) references ops.parked_keys (generation, id) on delete cascade
      );
    `);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore a backup to go back'));
  }
}
