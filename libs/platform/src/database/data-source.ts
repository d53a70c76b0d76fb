import { eventStoreMigrations } from '@guanxi/event-store-postgres';
import { policyMigrations } from '@guanxi/policies';
import { projectionMigrations } from '@guanxi/projections';
import { publishingMigrations } from '@guanxi/publishing';
import { webhookMigrations } from '@guanxi/webhooks';
import { DataSource } from 'typeorm';
import { ApiKeysSchema1763800000002 } from '../auth/api-keys.migration';
import { ApiKeyRow } from '../auth/api-key.row';
import { CONNECTION_OPTIONS } from './pools';

/** Schema of the small tables: keys, checkpoints, what has been migrated. */
export const OPS_SCHEMA = 'ops';

/** TypeORM's door to the database: migrations and the small tables. Everything hot goes through `pg`. */
export const createDataSource = (url: string): DataSource =>
  new DataSource({
    type: 'postgres',
    url,
    schema: OPS_SCHEMA,
    applicationName: 'guanxi-ops',
    entities: [ApiKeyRow],
    migrations: [
      ...eventStoreMigrations,
      ...projectionMigrations,
      ...policyMigrations,
      ...publishingMigrations,
      ...webhookMigrations,
      ApiKeysSchema1763800000002,
    ],
    migrationsTableName: 'migrations',
    // Indexes are built beside the appends, which no transaction can do: each migration says for itself.
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
    poolSize: 2,
    extra: { options: CONNECTION_OPTIONS, connectionTimeoutMillis: 10_000 },
  });
