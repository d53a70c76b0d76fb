export { NEVER, createTables, dropTables } from './ddl';
export { ProjectionsSchema1763800000001 } from './migration';
export { movementsAt, rowsAt } from './moment';
export type { Moment } from './moment';
export { DEFAULT_POLICY_VERSION, Queries } from './queries';
export type { Asked, Snapshot, SpeaksFor } from './queries';
export { columnOf, selectList, tablesOf } from './read-model';
export type {
  AnyReadModel,
  Columns,
  ColumnType,
  InStream,
  Movements,
  ReadModel,
  TableNames,
} from './read-model';
export { readTypes } from './row-codec';
export { ProjectionRunner, prepareReadModels } from './runner';
export type { RunnerLog } from './runner';
export { foldTimeline, versionsOf } from './versions';
export type { KeyVersions, PlacedMovement, Version } from './versions';
