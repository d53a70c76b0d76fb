import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createAppendOne } from './1764100000000-append-one.sql';
import { forwardOnly } from './forward-only';

/** The append of one event, which most commands that come alone are. */
export class EventStoreAppendOne1764100000000 implements MigrationInterface {
  readonly name = 'EventStoreAppendOne1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(createAppendOne);
  }

  down(): Promise<void> {
    return forwardOnly();
  }
}
