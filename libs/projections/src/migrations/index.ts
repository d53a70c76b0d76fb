import { ProjectionsSchema1763800000001 } from './1763800000001-projections';
import { ProjectionGenerations1764200000001 } from './1764200000001-generations';
import { ProjectionWorkers1764250000001 } from './1764250000001-workers';
import { ProjectionRebuilds1764300000001 } from './1764300000001-rebuilds';
import { ParkedKeys1764400000001 } from './1764400000001-parked-keys';
import { ProjectionInspection1764600000001 } from './1764600000001-inspection';

/** The migrations of the read models' books, oldest first. */
export const projectionMigrations = [
  ProjectionsSchema1763800000001,
  ProjectionGenerations1764200000001,
  ProjectionWorkers1764250000001,
  ProjectionRebuilds1764300000001,
  ParkedKeys1764400000001,
  ProjectionInspection1764600000001,
];
