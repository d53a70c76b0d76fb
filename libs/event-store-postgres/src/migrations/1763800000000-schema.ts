import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createAppend, createEventStore, createPositionAt } from './1763800000000-schema.sql';
import { forwardOnly } from './forward-only';

/** Event store: head, events, append, position of a moment. */
export class EventStoreSchema1763800000000 implements MigrationInterface {
  readonly name = 'EventStoreSchema1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(createEventStore);
    await runner.query(createAppend);
    await runner.query(createPositionAt);
  }

  down(): Promise<void> {
    return forwardOnly();
  }
}
