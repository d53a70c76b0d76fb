export { LeaseLost, moveCheckpoints } from './checkpoints';
export { DeadLetters, listedEvent } from './dead-letters';
export type { DeadLetterDetail, ListedEvent, Retried, SkipOrder, Skipped } from './dead-letters';
export { NEVER, createIndexes, createTables, dropTables, gatherStatistics } from './ddl';
export {
  POLICY_PREFIX,
  SHARDS,
  addGeneration,
  generationsOf,
  inTransaction,
  lockGenerations,
  prepareReadModels,
} from './generations';
export type { Generation } from './generations';
export { Leases } from './leases';
export type { Followed, Lease, LeaseTimes } from './leases';
export { keepOn } from './keep-on';
export { projectionMigrations } from './migrations';
export { movementsAt, rowsAt } from './moment';
export type { Moment, Placed } from './moment';
export { readModelNotices } from './notices';
export { DEFAULT_POLICY_VERSION, Queries } from './queries';
export type { Asked, Snapshot, SpeaksFor } from './queries';
export type { FoldedBatch, LeaseChange, ProjectionObserver } from './observer';
export { storable } from './parked-keys';
export type { DeadLetter, ParkedFilter } from './parked-list';
export { retryParked } from './parked-retry';
export { columnOf, firstGeneration, selectList, tablesOf } from './read-model';
export type {
  AnyReadModel,
  Columns,
  ColumnType,
  InStream,
  Movements,
  ReadModel,
  ModelIndex,
  TableNames,
  Words,
} from './read-model';
export { readTypes } from './row-codec';
export { serveFolds } from './rebuild/fold-thread';
export { rebuild } from './rebuild/rebuild';
export type { RebuildOutcome, RebuildParts, RebuildWatching } from './rebuild/rebuild';
export { openRebuild } from './rebuild/rebuild-begin';
export { rebuildEntries } from './rebuild/rebuild-books';
export type { RebuildEntry, RebuildPhase, RebuildState } from './rebuild/rebuild-books';
export { cancelRebuild, pauseRebuild, rebuildStatus } from './rebuild/rebuild-control';
export type { RebuildPlace, RebuildStatus } from './rebuild/rebuild-control';
export type { RebuildProgress } from './rebuild/rebuild-progress';
export { ProjectionRunner } from './runner';
export type { RunnerLog } from './runner';
export { SkippedEvents, deadLetterSkipped, skippedEvents } from './skipped-events';
export type { Skip } from './skipped-events';
export { shardOf } from './shards';
export { WorkerSigns } from './worker-signs';
export type { WorkerSign } from './worker-signs';
export { foldTimeline, versionsOf } from './versions';
export type { KeyVersions, PlacedMovement, Version } from './versions';
export { analysisDoc } from './inspection/analysis-doc';
export { checkCode } from './inspection/code-check';
export { codeNotices } from './inspection/code-findings';
export { diffGenerations } from './inspection/diff';
export type { Diff, DifferingKey, DiffOptions, DiffParts, TouchingEvent } from './inspection/diff';
export { explainKey } from './inspection/explain';
export type { ExplainedVersion, ExplainOptions, Explanation } from './inspection/explain';
export { readLag } from './inspection/lag';
export type { GenerationLag, Lag } from './inspection/lag';
export { listReadModels } from './inspection/listing';
export type { ListedGeneration, ListedModel, LookingParts } from './inspection/listing';
export { replay } from './inspection/replay';
export type { Replay } from './inspection/replay';
export type { ReplayOptions } from './inspection/replay-options';
export { dropGeneration, switchServing } from './inspection/switching';
export type { Switched, SwitchOptions } from './inspection/switching';
