import { Webhooks1764800000001 } from './1764800000001-webhooks';

/** The migrations of what webhooks keep, oldest first. */
export const webhookMigrations = [Webhooks1764800000001];
