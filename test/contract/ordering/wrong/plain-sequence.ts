import { naive } from './naive-store';

/**
 * Wrong: a sequence gives out the positions at the insert, and nothing makes the commits follow that order. A reader
 * that has seen a later position never asks again for an earlier one that commits behind its back.
 */
export const plainSequence = naive({
  name: 'plain sequence',
  table: 'plain_sequence',
  positionColumns: `position bigint primary key default nextval('numbers')`,
  constraints: ', unique (stream, revision)',
  horizon: '',
  checksOutside: false,
});
