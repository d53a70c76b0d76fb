import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A new version of a policy answers what the older one had set aside: from which position on it owes answers to which
 * keys. And it sets timers from where the first version had begun, not from where the older one had come.
 */
export class PolicyOwed1765400000001 implements MigrationInterface {
  readonly name = 'PolicyOwed1765400000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table ops.policy_starts add column answered bigint not null default 0;
      create table ops.policy_owed (
        generation text not null references ops.generations on delete cascade,
        key        uuid not null,
        position   bigint not null,
        primary key (generation, key)
      );
    `);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore a backup to go back'));
  }
}
