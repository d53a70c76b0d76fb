import { ProjectionsSchema1763800000001 } from './1763800000001-projections';
import { ProjectionGenerations1764200000001 } from './1764200000001-generations';
import { ProjectionRebuilds1764300000001 } from './1764300000001-rebuilds';
import { ParkedKeys1764400000001 } from './1764400000001-parked-keys';

/** The migrations of the read models' books, oldest first. */
export const projectionMigrations = [
  ProjectionsSchema1763800000001,
  ProjectionGenerations1764200000001,
  ProjectionRebuilds1764300000001,
  ParkedKeys1764400000001,
];
