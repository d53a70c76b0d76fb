/** The built product's own code, as the processes of the crash test use it. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const { startEmbeddedPostgres, createPool, migrate } = require('../../dist/libs/platform/src');
export const { PostgresEventStore } = require('../../dist/libs/event-store-postgres/src');
export const { WrongExpectedRevision } = require('../../dist/libs/event-store/src');
