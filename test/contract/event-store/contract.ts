import type { EventStore } from '@guanxi/event-store';
import { appending } from './appending';
import { expectedRevisions } from './expected-revisions';
import type { StoreUnderTest } from './kit';
import { readingAll } from './reading-all';
import { severalStreams } from './several-streams';
import { subscribing } from './subscribing';

/** Every promise of the event store's port, to be run over every store. */
export function eventStoreContract({ name, open }: StoreUnderTest): void {
  describe(`the event store: ${name}`, () => {
    let opened: { store: EventStore; close(): Promise<void> };
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());
    const store = (): EventStore => opened.store;

    describe('appending', () => {
      appending(store);
    });
    describe('expected revisions', () => {
      expectedRevisions(store);
    });
    describe('several streams', () => {
      severalStreams(store);
    });
    describe('reading all', () => {
      readingAll(store);
    });
    describe('subscribing', () => {
      subscribing(store);
    });
  });
}
