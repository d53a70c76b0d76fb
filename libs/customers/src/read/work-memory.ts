import type { Snapshot } from '@guanxi/projections';

/**
 * Lets the statements of this snapshot sort and hash in memory what a period's purchases take: the server's default
 * of 4 MB sends some ten thousand rows to disk. Holds until the snapshot's transaction ends.
 */
export const roomToSort = (snapshot: Snapshot): Promise<unknown> =>
  snapshot.rows(`select set_config('work_mem', '64MB', true)`);
