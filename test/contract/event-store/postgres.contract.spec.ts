import { PostgresEventStore } from '@guanxi/event-store-postgres';
import { createPool, migrate } from '@guanxi/platform';
import { testDatabase } from '../../support/postgres';
import { eventStoreContract } from './contract';

let database: { url: string; drop(): Promise<void> };

beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url);
});

afterAll(() => database.drop());

eventStoreContract({
  ...{ positions: 'without-gaps', severalStreams: true },
  name: 'PostgreSQL',
  open: async () => {
    const pool = createPool({ url: database.url, name: 'test', max: 8 });
    await pool.query("truncate es.events; update es.head set position = 0, recorded_at = 'epoch'");
    const store = new PostgresEventStore(pool);
    return {
      store,
      close: async () => {
        await store.close();
        await pool.end();
      },
    };
  },
});
