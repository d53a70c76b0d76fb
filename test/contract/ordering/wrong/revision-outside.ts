import { naive } from './naive-store';

/**
 * Wrong: the expected revision is looked up before the transaction, and no constraint stands behind it. Two writers
 * that looked at the same time both find the stream as they expect it.
 */
export const revisionOutside = naive({
  name: 'revision outside',
  table: 'revision_outside',
  positionColumns: `position bigint primary key default nextval('numbers')`,
  constraints: '',
  horizon: '',
  checksOutside: true,
});
