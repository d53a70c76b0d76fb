import type { EventRegistry, EventStore } from '@guanxi/event-store';
import { DomainError } from '@guanxi/kernel';
import type { FeedAccess } from '@guanxi/publishing';
import { ContractBook, Feed } from '@guanxi/publishing';
import type { ApiKeys } from '../auth/api-keys';
import { authenticate } from '../auth/authentication';
import type { Context } from '../context';
import type { JsonLog } from '../logging/json-log';

/** Who tells, as all public events say. */
export const EVENT_SOURCE = '/guanxi/default';

/** Everything that the contexts tell the world. */
export const contractBook = (contexts: readonly Context[]): ContractBook =>
  new ContractBook(
    contexts.flatMap(({ publishes }) => publishes ?? []),
    EVENT_SOURCE,
  );

/** What a feed is put together from. */
export interface PublicFeedParts {
  readonly book: ContractBook;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly countsEvents: boolean;
  readonly log: JsonLog;
}

/** The feed of public events; it reads nothing before somebody reads it. */
export const publicFeed = (parts: PublicFeedParts): Feed => new Feed({ ...parts, source: EVENT_SOURCE });

/** Looks at keys again while their feeds are open. */
export const feedAccess =
  (keys: ApiKeys): FeedAccess =>
  async (authorization) => {
    try {
      return await authenticate(keys, authorization);
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'forbidden') return undefined;
      throw error;
    }
  };
