import { openKurrent } from '@guanxi/event-store-kurrentdb';
import { TestServer } from '../../support/kurrentdb/server';
import { eventStoreContract } from './contract';

eventStoreContract({
  name: 'KurrentDB, the adapter over a test server',
  positions: 'rising',
  severalStreams: true,
  open: async () => {
    const server = await TestServer.start();
    const store = openKurrent(server.url());
    return {
      store,
      close: async () => {
        await store.close();
        server.stop();
      },
    };
  },
});

/** A real server: its log is shared by all tests, which is why each begins at the head that it finds. */
const { KURRENTDB_URL: url } = process.env;
if (url !== undefined && url !== '') {
  eventStoreContract({
    name: 'KurrentDB, the server of KURRENTDB_URL',
    positions: 'rising',
    severalStreams: true,
    open: () => {
      const store = openKurrent(url);
      return Promise.resolve({ store, close: () => store.close() });
    },
  });
}
