import { Relay1764700000001 } from './1764700000001-relay';

/** The migrations of what the relay shows, oldest first. */
export const publishingMigrations = [Relay1764700000001];
