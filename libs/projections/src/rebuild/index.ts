export { openRebuild } from './rebuild-begin';
export { rebuildEntries } from './rebuild-books';
export type { RebuildEntry, RebuildPhase, RebuildState } from './rebuild-books';
export { cancelRebuild, pauseRebuild } from './rebuild-control';
export type { RebuildPlace } from './rebuild-control';
export type { RebuildProgress } from './rebuild-progress';
export { rebuild } from './rebuild';
export type { RebuildOutcome, RebuildParts, RebuildWatching } from './rebuild';
