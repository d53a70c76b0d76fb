import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createAppend } from './1763900000000-append.sql';
import { forwardOnly } from './forward-only';

/**
 * Group append that takes its rows as binary arrays. The function of the same name that takes JSON stays, so that
 * processes of the release before go on while this one is being rolled out.
 */
export class EventStoreAppend1763900000000 implements MigrationInterface {
  readonly name = 'EventStoreAppend1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(createAppend);
  }

  down(): Promise<void> {
    return forwardOnly();
  }
}
