import { inputInvalid } from '@guanxi/commanding';
import { DomainError, conflict } from '@guanxi/kernel';
import type { Cursor } from './cursor';
import { formatCursor } from './cursor';

/** A place that the log has not reached. */
export const positionAhead = (from: Cursor, head: bigint): DomainError =>
  conflict(
    'feed.position-ahead',
    `position ${formatCursor(from)} does not exist yet, the log ends at ${head}: is the id one of another server, or of ` +
      'one that lost events? Look at what was read so far before reading on from after=' +
      `${head}`,
    { position: formatCursor(from), head: String(head) },
  );

/** A place that this log cannot find. */
export const positionUnknown = (position: bigint): DomainError =>
  conflict(
    'feed.position-unknown',
    `position ${position} is none that this log gave out; go on from the id of an event that came from this server`,
    { position: String(position) },
  );

/** Not one more. */
export const tooManyFeeds = (most: number): DomainError =>
  new DomainError('feed.too-many', 'overloaded', `this server has ${most} feeds open and takes no more`, {
    most,
  });

/** No more feeds are begun. */
export const serverStopping = (): DomainError =>
  new DomainError('server.stopping', 'unavailable', 'the server is being stopped; try again');

/** A header that names no place. */
export const notAPlace = (field: string, pointer: string): DomainError =>
  inputInvalid([
    {
      ...{ field, rule: 'isFeedPosition', pointer },
      message: 'must be the id of an event of this feed, such as 17 or 17.0; 0 stands for the beginning',
    },
  ]);
