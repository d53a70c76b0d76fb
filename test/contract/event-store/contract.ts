import type { EventStore } from '@guanxi/event-store';
import { appending } from './appending';
import { backPressure } from './back-pressure';
import { badInput } from './bad-input';
import { closing } from './closing';
import { conditions } from './conditions';
import { expectedRevisions } from './expected-revisions';
import type { PromiseTests, StoreUnderTest } from './kit';
import { readingAll } from './reading-all';
import { repeating } from './repeating';
import { severalStreams } from './several-streams';
import { subscribing } from './subscribing';

const promises: Readonly<Record<string, PromiseTests>> = {
  appending,
  'what no store accepts': badInput,
  'expected revisions': expectedRevisions,
  'repeated appends': repeating,
  conditions,
  'several streams': severalStreams,
  'reading all': readingAll,
  subscribing,
  'back-pressure': backPressure,
  closing,
};

/** Every promise of the event store's port, to be run over every store. */
export function eventStoreContract(under: StoreUnderTest): void {
  const { name, open } = under;
  describe(`the event store: ${name}`, () => {
    let opened: { store: EventStore; close(): Promise<void> };
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());
    const store = (): EventStore => opened.store;

    for (const [promise, tests] of Object.entries(promises)) {
      describe(promise, () => {
        tests(store, under);
      });
    }
  });
}
