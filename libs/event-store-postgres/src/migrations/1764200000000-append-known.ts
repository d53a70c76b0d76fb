import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createAppendKnown, createAppendKnownOne } from './1764200000000-append-known.sql';
import { forwardOnly } from './forward-only';

/** Appends at revisions that are known, which nearly all appends are. */
export class EventStoreAppendKnown1764200000000 implements MigrationInterface {
  readonly name = 'EventStoreAppendKnown1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(createAppendKnown);
    await runner.query(createAppendKnownOne);
  }

  down(): Promise<void> {
    return forwardOnly();
  }
}
