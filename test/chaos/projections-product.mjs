/** The built product's own code, as the crash test of the read models uses it. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const built = (path) => require(`../../dist/${path}`);

export const { createPool, migrate } = built('libs/platform/src');
export const { PostgresEventStore } = built('libs/event-store-postgres/src');
export const { EventRegistry } = built('libs/event-store/src');
export const { firstGeneration, readTypes, tablesOf, versionsOf, columnOf, NEVER } =
  built('libs/projections/src');
export const { contexts } = built('libs/contexts/src');
export const { simulate } = built('apps/cli/src/simulate/simulate');
