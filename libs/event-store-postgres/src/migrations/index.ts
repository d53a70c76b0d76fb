import { EventStoreSchema1763800000000 } from './1763800000000-schema';
import { EventStoreAppend1763900000000 } from './1763900000000-append';
import { EventStoreIndexes1764000000000 } from './1764000000000-indexes';
import { EventStoreAppendOne1764100000000 } from './1764100000000-append-one';
import { EventStoreAppendKnown1764200000000 } from './1764200000000-append-known';

/** All that ever changed the store's schema, oldest first. A migration that was released is never edited. */
export const eventStoreMigrations = [
  EventStoreSchema1763800000000,
  EventStoreAppend1763900000000,
  EventStoreIndexes1764000000000,
  EventStoreAppendOne1764100000000,
  EventStoreAppendKnown1764200000000,
];
