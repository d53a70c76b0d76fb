import { ProjectionsSchema1763800000001 } from './1763800000001-projections';
import { ProjectionGenerations1764200000001 } from './1764200000001-generations';

/** The migrations of the read models' books, oldest first. */
export const projectionMigrations = [ProjectionsSchema1763800000001, ProjectionGenerations1764200000001];
