import { MemoryEventStore } from '@guanxi/event-store';
import { eventStoreContract } from './contract';

eventStoreContract({
  ...{ positions: 'without-gaps', severalStreams: true },
  name: 'memory',
  open: () => {
    const store = new MemoryEventStore();
    return Promise.resolve({ store, close: () => store.close() });
  },
});
