import { naive } from './naive-store';

/**
 * Wrong: events are ordered by the transaction that wrote them, then by a sequence, and readers stop before the oldest
 * transaction that still runs. Nothing is lost. But a transaction gets its number when it first writes, not when it
 * comes to a stream: what it writes to the stream last comes first in the order. And whatever transaction runs
 * anywhere on the server, readers wait for it.
 */
export const transactionId = naive({
  name: 'transaction id',
  table: 'transaction_id',
  positionColumns: `
    xid xid8 not null default pg_current_xact_id(),
    position bigint primary key default
      pg_current_xact_id()::text::bigint * 1000000000 + nextval('numbers')`,
  constraints: ', unique (stream, revision)',
  horizon: 'and xid < pg_snapshot_xmin(pg_current_snapshot())',
  checksOutside: false,
});
