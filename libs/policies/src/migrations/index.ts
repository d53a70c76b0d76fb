import { Policies1764500000001 } from './1764500000001-policies';

/** The migrations of what policies keep, oldest first. */
export const policyMigrations = [Policies1764500000001];
