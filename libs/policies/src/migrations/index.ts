import { Policies1764500000001 } from './1764500000001-policies';
import { PolicyRetries1764900000001 } from './1764900000001-policy-retries';
import { PolicyOwed1765400000001 } from './1765400000001-policy-owed';

/** The migrations of what policies keep, oldest first. */
export const policyMigrations = [Policies1764500000001, PolicyRetries1764900000001, PolicyOwed1765400000001];
