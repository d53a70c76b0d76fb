import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a person needs to know of a parked key: which event halted it, where in the code, and how often it was tried. */
export class ParkedKeys1764400000001 implements MigrationInterface {
  readonly name = 'ParkedKeys1764400000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      delete from ops.parked_keys p
       where not exists (select from ops.generations g where g.generation = p.generation);
      alter table ops.parked_keys
        add column event_id text,
        add column event_type text,
        add column stack text,
        add column attempts integer not null default 1,
        add column tried_at timestamptz,
        add foreign key (generation) references ops.generations on delete cascade;
    `);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore a backup to go back'));
  }
}
