import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys of callers. */
export class ApiKeysSchema1763800000002 implements MigrationInterface {
  readonly name = 'ApiKeysSchema1763800000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create schema if not exists ops;
      create table ops.api_keys (
        id         text primary key,
        name       text not null,
        hash       bytea not null,
        roles      text[] not null,
        last_four  text not null,
        created_at timestamptz not null default now(),
        expires_at timestamptz,
        revoked_at timestamptz
      );
    `);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore a backup to go back'));
  }
}
