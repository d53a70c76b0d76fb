export { runImport } from './run-import';
export type { ImportOptions, ImportSummary } from './run-import';
export { ImportFailure, importKinds } from './types';
export type { ImportKind, RowProblem } from './types';
export type { Screen } from './report';
